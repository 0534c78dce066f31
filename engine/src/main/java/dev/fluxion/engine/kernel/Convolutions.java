package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * A convolution as the library sees it, forward or one of its gradients.
 *
 * @param spec how the filters move
 * @param x the shape of the images
 * @param w the shape of the weights
 * @param y the shape of the results
 */
public record Convolutions(ConvSpec spec, Shape x, Shape w, Shape y) {
    /** The convolution that a node is, or is a gradient of. */
    public static Convolutions of(Expr e) {
        Shape a = e.input(0).shape();
        Shape b = e.input(1).shape();
        if (e.op() instanceof Contraction.Conv op) {
            return new Convolutions(op.spec(), a, b, e.shape());
        }
        if (e.op() instanceof Contraction.ConvGradInput op) {
            return new Convolutions(op.spec(), e.shape(), b, a);
        }
        return new Convolutions(((Contraction.ConvGradWeight) e.op()).spec(), a, e.shape(), b);
    }

    /** The operation, in the layouts that the library likes. */
    public Convolution operation() {
        long[] none = new long[2];
        return operation(x, none, none);
    }

    /** The operation on images that do not have these zeros in front of rows and columns, and behind them, yet. */
    public Convolution operation(Shape images, long[] before, long[] after) {
        Window window = Window.of(w.dim(2), w.dim(3))
                .stride(spec.stride().h(), spec.stride().w())
                .dilation(spec.dilation().h(), spec.dilation().w())
                .padding(padded(before), padded(after));
        return Convolution.of(TensorLayout.any(images), weights(), TensorLayout.any(y), window);
    }

    private long[] padded(long[] more) {
        return new long[] {spec.pad().h() + more[0], spec.pad().w() + more[1]};
    }

    /** The native library wants the groups as an axis of their own. */
    private Layout weights() {
        int groups = spec.groups();
        return groups == 1 ? TensorLayout.any(w) : Layout.any(groups, w.dim(0) / groups, w.dim(1), w.dim(2), w.dim(3));
    }

    /** Whether each channel is a group of its own, with one filter. */
    public boolean isDepthwise() {
        return spec.groups() > 1 && w.dim(0) == spec.groups() && w.dim(1) == 1;
    }

    /**
     * What one image of a depthwise convolution adds to the gradient of its weights, as a convolution of the image: the gradient of
     * its results are the weights, and strides and dilation change places. Empty if there are rows or columns that no window reads.
     *
     * @param block how many channels lie in a block
     */
    public Optional<Convolution> ofGradients(int block) {
        int channels = x.dim(1);
        long[] before = {spec.pad().h(), spec.pad().w()};
        long[] behind = {
            behind(2, spec.pad().h(), spec.stride().h(), spec.dilation().h()),
            behind(3, spec.pad().w(), spec.stride().w(), spec.dilation().w())
        };
        if (behind[0] < 0 || behind[1] < 0) {
            return Optional.empty();
        }
        return Optional.of(Convolution.of(
                Layout.channelBlocks(block, 1, channels, x.dim(2), x.dim(3)),
                Layout.channelBlocks(block, channels, 1, 1, y.dim(2), y.dim(3)),
                Layout.channelBlocks(block, 1, channels, w.dim(2), w.dim(3)),
                Window.of(y.dim(2), y.dim(3))
                        .stride(spec.dilation().h(), spec.dilation().w())
                        .dilation(spec.stride().h(), spec.stride().w())
                        .padding(before, behind)));
    }

    /** How much padding the last weight meets. */
    private long behind(int axis, int pad, int stride, int dilation) {
        return (w.dim(axis) - 1L) * dilation + (y.dim(axis) - 1L) * stride + 1 - x.dim(axis) - pad;
    }

    public double flops() {
        return 2.0 * y.size() * w.dim(1) * w.dim(2) * w.dim(3);
    }
}
