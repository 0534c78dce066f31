package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import java.util.ArrayList;
import java.util.List;

/** The arithmetic and the loop that convolution and pooling share. Images are N×C×H×W. */
final class Windows {
    private Windows() {}

    /**
     * The shape of one output for each window that lies within the padded image. An int holds the height and the width of a
     * padded image, and so every place of a window and of a tap in it.
     */
    static Shape output(Op op, Shape x, int channels, Size kernel, Size stride, Size pad, Size dilation) {
        if (padded(x.dim(2), pad.h()) > Integer.MAX_VALUE || padded(x.dim(3), pad.w()) > Integer.MAX_VALUE) {
            throw new ShapeException(
                    Errors.paddedTooLarge(op, padded(x.dim(2), pad.h()), padded(x.dim(3), pad.w()), pad, x));
        }
        int h = extent(x.dim(2), kernel.h(), stride.h(), pad.h(), dilation.h());
        int w = extent(x.dim(3), kernel.w(), stride.w(), pad.w(), dilation.w());
        if (h < 1 || w < 1) {
            throw new ShapeException(Errors.windowTooLarge(op, kernel, dilation, pad, x));
        }
        return Shape.of(x.dim(0), channels, h, w);
    }

    private static long padded(int in, int pad) {
        return in + 2L * pad;
    }

    private static int extent(int in, int kernel, int stride, int pad, int dilation) {
        long span = (long) dilation * (kernel - 1) + 1;
        long room = padded(in, pad) - span;
        return room < 0 ? 0 : (int) (room / stride + 1);
    }

    /** Visits each pair of an output position and a tap of its window that falls inside the image, of one plane. */
    static void taps(Shape x, Shape y, Size kernel, Size stride, Size pad, Size dilation, Tap tap) {
        int width = x.dim(3);
        for (int oh = 0; oh < y.dim(2); oh++) {
            for (int ow = 0; ow < y.dim(3); ow++) {
                int out = oh * y.dim(3) + ow;
                int top = oh * stride.h() - pad.h();
                int left = ow * stride.w() - pad.w();
                int rows = inside(top, dilation.h(), kernel.h(), x.dim(2));
                int columns = inside(left, dilation.w(), kernel.w(), width);
                for (int kh = before(top, dilation.h()); kh < rows; kh++) {
                    int ih = top + kh * dilation.h();
                    for (int kw = before(left, dilation.w()); kw < columns; kw++) {
                        int iw = left + kw * dilation.w();
                        tap.at(out, ih * width + iw, kh * kernel.w() + kw);
                    }
                }
            }
        }
    }

    /** How many taps of a window lie before the image. */
    private static int before(int start, int dilation) {
        return start < 0 ? (-start - 1) / dilation + 1 : 0;
    }

    /** How many taps of a window lie before the end of the image. */
    private static int inside(int start, int dilation, int taps, int size) {
        return start < size ? Math.min(taps, (size - 1 - start) / dilation + 1) : 0;
    }

    /**
     * The rules along the rows and the columns of images, a unit for each window. Padding would be on both sides of each part: an axis
     * that has it has no rule.
     *
     * @param places a shape with an element for each window
     */
    static List<AxisRule> rules(Shape places, Size kernel, Size stride, Size pad, Size dilation, Rule rule) {
        List<AxisRule> rules = new ArrayList<>();
        if (pad.h() == 0) {
            int reach = dilation.h() * (kernel.h() - 1) + 1;
            rules.add(rule.of(places.dim(2), Along.axis(2), new Along(2, stride.h(), reach)));
        }
        if (pad.w() == 0) {
            int reach = dilation.w() * (kernel.w() - 1) + 1;
            rules.add(rule.of(places.dim(3), Along.axis(3), new Along(3, stride.w(), reach)));
        }
        return rules;
    }

    /** Makes a rule of the place that a window has in what the windows give, and of its elements in the image. */
    interface Rule {
        AxisRule of(int units, Along place, Along window);
    }

    interface Tap {
        void at(int out, int in, int tap);
    }
}
