package dev.fluxion.engine.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;

/** How far a computation in float32 may be from the exact value, element by element. */
public final class ErrorBound {
    private final ErrorAnalysis analysis;

    /** Bounds for the values that an interpreter knows. */
    public ErrorBound(Interpreter interpreter) {
        this.analysis = new ErrorAnalysis(interpreter);
    }

    /** The exact value of an expression. */
    public double[] value(Expr e) {
        return analysis.of(e).value();
    }

    /** By how much each element may be off. */
    public double[] of(Expr e) {
        return analysis.of(e).error();
    }
}
