package dev.fluxion.ir;

/**
 * How a two-dimensional convolution moves over its input: cross-correlation, as every framework's.
 *
 * @param stride steps between outputs
 * @param pad zeros put on both sides of each axis
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 */
public record ConvSpec(Size stride, Size pad, Size dilation, int groups) {
    /** Checks the numbers. */
    public ConvSpec {
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

    @Override
    public String toString() {
        ConvSpec plain = of();
        return (stride.equals(plain.stride) ? "" : " stride " + stride)
                + (pad.equals(plain.pad) ? "" : " pad " + pad)
                + (dilation.equals(plain.dilation) ? "" : " dilation " + dilation)
                + (groups == 1 ? "" : " groups " + groups);
    }
}
