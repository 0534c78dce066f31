package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a two-dimensional convolution moves over its input: cross-correlation, as every framework's.
 *
 * @param stride steps between outputs
 * @param pad zeros added on both sides of each axis
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 */
public record ConvSpec(Size stride, Size pad, Size dilation, int groups) {
    /** Checks the numbers. */
    public ConvSpec {
        Given.require("ConvSpec", "the stride", stride);
        Given.require("ConvSpec", "the padding", pad);
        Given.require("ConvSpec", "the dilation", dilation);
        if (!stride.atLeast(1) || !pad.atLeast(0) || !dilation.atLeast(1) || groups < 1) {
            throw new ShapeException(Errors.badConvolution(stride, pad, dilation, groups));
        }
    }

    /** Stride 1, no padding, no dilation, one group. */
    public static ConvSpec of() {
        return new ConvSpec(Size.of(1), Size.of(0), Size.of(1), 1);
    }

    Shape output(Op op, Shape x, Shape w) {
        if (x.rank() != 4 || w.rank() != 4) {
            throw new ShapeException(Errors.convolutionRank(op, x, w));
        }
        long channels = (long) w.dim(1) * groups;
        if (x.dim(1) != channels) {
            throw new ShapeException(Errors.convolutionChannels(channels, x.dim(1), x));
        }
        if (w.dim(0) % groups != 0) {
            throw new ShapeException(Errors.convolutionGroups(groups, w.dim(0)));
        }
        Size kernel = Size.of(w.dim(2), w.dim(3));
        return Windows.output(op, x, w.dim(0), kernel, stride, pad, dilation);
    }

    /**
     * The rules of a convolution y = conv(x, w), and so of its gradients, which have x or w for a result: of images, of rows and
     * columns, and, where all filters see all channels, of channels and of filters.
     */
    List<AxisRule> axes(Shape x, Shape w, Shape y, Rule rule) {
        List<AxisRule> rules = new ArrayList<>();
        rules.add(rule.of(x.dim(0), Along.axis(0), Along.WHOLE, Along.axis(0)));
        if (groups == 1) {
            rules.add(rule.of(x.dim(1), Along.axis(1), Along.axis(1), Along.WHOLE));
            rules.add(rule.of(w.dim(0), Along.WHOLE, Along.axis(0), Along.axis(1)));
        }
        Size kernel = Size.of(w.dim(2), w.dim(3));
        rules.addAll(Windows.rules(
                y,
                kernel,
                stride,
                pad,
                dilation,
                (units, place, window) -> rule.of(units, window, Along.WHOLE, place)));
        return rules;
    }

    /** Makes a rule of where a unit lies in the images, the weights and the results. */
    interface Rule {
        AxisRule of(int units, Along x, Along w, Along y);
    }

    /** Written out: what Java generates for records takes a new process milliseconds each. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof ConvSpec that
                && stride.equals(that.stride)
                && pad.equals(that.pad)
                && dilation.equals(that.dilation)
                && groups == that.groups;
    }

    @Override
    public int hashCode() {
        return Objects.hash(stride, pad, dilation, groups);
    }

    @Override
    public String toString() {
        ConvSpec plain = of();
        return (stride.equals(plain.stride) ? "" : " stride " + stride)
                + (pad.equals(plain.pad) ? "" : " pad " + pad)
                + (dilation.equals(plain.dilation) ? "" : " dilation " + dilation)
                + (groups == 1 ? "" : " groups " + groups);
    }
}
