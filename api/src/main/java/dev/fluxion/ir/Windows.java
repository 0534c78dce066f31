package dev.fluxion.ir;

/** The arithmetic and the loop that convolution and pooling share. Images are N×C×H×W. */
final class Windows {
    private Windows() {}

    /** The shape of one output for each window that lies within the padded image. */
    static Shape output(Op op, Shape x, Size kernel, Size stride, Size pad, Size dilation) {
        int h = extent(x.dim(2), kernel.h(), stride.h(), pad.h(), dilation.h());
        int w = extent(x.dim(3), kernel.w(), stride.w(), pad.w(), dilation.w());
        if (h < 1 || w < 1) {
            throw new ShapeException(Errors.windowTooLarge(op, kernel, dilation, pad, x));
        }
        return x.with(2, h).with(3, w);
    }

    private static int extent(int in, int kernel, int stride, int pad, int dilation) {
        long span = (long) dilation * (kernel - 1) + 1;
        long room = in + 2L * pad - span;
        return room < 0 ? 0 : (int) (room / stride + 1);
    }

    /** Visits each pair of an output position and a tap of its window that falls inside the image, of one plane. */
    static void taps(Shape x, Shape y, Size kernel, Size stride, Size pad, Size dilation, Tap tap) {
        int width = x.dim(3);
        for (int oh = 0; oh < y.dim(2); oh++) {
            for (int ow = 0; ow < y.dim(3); ow++) {
                int out = oh * y.dim(3) + ow;
                for (int kh = 0; kh < kernel.h(); kh++) {
                    int ih = oh * stride.h() - pad.h() + kh * dilation.h();
                    if (ih < 0 || ih >= x.dim(2)) {
                        continue;
                    }
                    for (int kw = 0; kw < kernel.w(); kw++) {
                        int iw = ow * stride.w() - pad.w() + kw * dilation.w();
                        if (iw >= 0 && iw < width) {
                            tap.at(out, ih * width + iw, kh * kernel.w() + kw);
                        }
                    }
                }
            }
        }
    }

    interface Tap {
        void at(int out, int in, int tap);
    }
}
