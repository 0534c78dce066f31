package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;

/**
 * What makes the steps of chosen forms.
 *
 * @param lowering where they go
 * @param convolutions by the library's kernels
 * @param winograd by sums of images and weights
 * @param strips by several results at once
 * @param columns by products of copied windows
 * @param pools of maxima
 * @param stacks of parts
 */
public record Emitters(
        Lowering lowering,
        ConvLowering convolutions,
        WinogradLowering winograd,
        RowBlockedLowering strips,
        ColumnLowering columns,
        PoolLowering pools,
        StackLowering stacks) {
    /**
     * Those of a lowering.
     *
     * @param rules what may be done
     */
    public static Emitters of(Lowering lowering, RuleBook rules) {
        Magnitudes magnitudes = new Magnitudes(lowering, rules.has(RuleBook.Form.SHORTCUTS));
        return new Emitters(
                lowering,
                new ConvLowering(lowering, magnitudes, rules.has(RuleBook.Form.IN_PLACE_SUMS)),
                new WinogradLowering(lowering, magnitudes),
                new RowBlockedLowering(lowering),
                new ColumnLowering(lowering),
                new PoolLowering(lowering, magnitudes),
                new StackLowering(lowering));
    }

    /**
     * Sees to it, before anything is emitted, that results are computed where a node wants them.
     *
     * @param layout how the node lies
     */
    public void prepare(Expr e, Layout layout) {
        if (e.op() instanceof Movement.Concat concat) {
            stacks.pinOperands(e, concat, layout);
        }
    }
}
