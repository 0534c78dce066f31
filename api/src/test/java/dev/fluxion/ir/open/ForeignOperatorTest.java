package dev.fluxion.ir.open;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Sensitivity;
import dev.fluxion.ir.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForeignOperatorTest {
    private record Twice() implements Op {
        @Override
        public Shape shape(List<Expr> inputs) {
            return inputs.get(0).shape();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.mul(2));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return new double[] {2 * in[0][0]};
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return List.of();
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.SUM;
        }
    }

    @Test
    void nobodyElseAddsToTheLanguage() {
        List<Expr> operands = List.of(Expr.input("x", Shape.of(1)));
        assertThatThrownBy(() -> new Expr(new Twice(), operands))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Expr: Twice[] is no operator of the language; write it as a function of expressions");
    }
}
