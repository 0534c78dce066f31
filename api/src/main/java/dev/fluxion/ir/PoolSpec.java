package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.List;

/**
 * The windows of a two-dimensional pooling; incomplete windows at the far edge are dropped.
 *
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad the padding on all sides, at most half of the kernel
 */
public record PoolSpec(Size kernel, Size stride, Size pad) {
    /** Checks the numbers. */
    public PoolSpec {
        Given.require("PoolSpec", "the kernel", kernel);
        Given.require("PoolSpec", "the stride", stride);
        Given.require("PoolSpec", "the padding", pad);
        if (!kernel.atLeast(1)
                || !stride.atLeast(1)
                || !pad.atLeast(0)
                || pad.h() > kernel.h() / 2
                || pad.w() > kernel.w() / 2) {
            throw new ShapeException(Errors.badPooling(kernel, stride, pad));
        }
    }

    /** Windows side by side. */
    public static PoolSpec of(Size kernel) {
        return new PoolSpec(kernel, kernel, Size.of(0));
    }

    Shape output(Op op, Shape x) {
        if (x.rank() != 4) {
            throw new ShapeException(Errors.poolingRank(op, x));
        }
        return Windows.output(op, x, x.dim(1), kernel, stride, pad, Size.of(1));
    }

    /** The rules of images and channels, which are the same in all operands, and of rows and columns. */
    List<AxisRule> axes(Expr node, Shape places, Windows.Rule rule) {
        List<AxisRule> rules = new ArrayList<>(AxisRule.sameBut(node, 2, 3));
        rules.addAll(Windows.rules(places, kernel, stride, pad, Size.of(1), rule));
        return rules;
    }

    /** The number of elements of a window, padding among them. */
    public long area() {
        return (long) kernel.h() * kernel.w();
    }

    @Override
    public String toString() {
        return kernel
                + (stride.equals(kernel) ? "" : " stride " + stride)
                + (pad.equals(Size.of(0)) ? "" : " pad " + pad);
    }
}
