package dev.fluxion.dsl.loss;

import dev.fluxion.ir.Expr;

/** How far rows are apart. A lambda over expressions is a distance: {@code (a, b) -> a.sub(b).square().sum(-1)}. */
@FunctionalInterface
public interface Distance {
    /** The distances of rows …×D from rows of the same shape, without the last axis. */
    Expr of(Expr a, Expr b);
}
