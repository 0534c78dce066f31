package dev.fluxion.examples;

import dev.fluxion.Loss;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/** The cross entropy of logits N×T×characters with the characters that follow, N×T. */
final class NextCharacter implements Loss {
    private final Loss each = Losses.crossEntropy();

    @Override
    public Expr apply(Expr logits, Expr next) {
        return each.apply(logits.transpose(0, 2, 1), next);
    }

    @Override
    public Shape targetShape(Shape logits) {
        return logits.without(-1);
    }

    @Override
    public DType targetType() {
        return DType.INT;
    }

    @Override
    public String toString() {
        return "cross entropy of the next character";
    }
}
