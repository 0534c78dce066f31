package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;

/**
 * What makes the steps of chosen forms.
 *
 * @param convolutions by the library's kernels
 * @param winograd by sums of images and weights
 * @param strips by several results at once
 * @param columns by products of copied windows
 * @param products of matrices
 */
record Emitters(
        ConvLowering convolutions,
        WinogradLowering winograd,
        RowBlockedLowering strips,
        ColumnLowering columns,
        MatMulLowering products) {
    static Emitters of(Lowering lowering) {
        return new Emitters(
                new ConvLowering(lowering),
                new WinogradLowering(lowering),
                new RowBlockedLowering(lowering),
                new ColumnLowering(lowering),
                new MatMulLowering(lowering));
    }
}
