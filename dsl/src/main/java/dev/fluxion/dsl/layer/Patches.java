package dev.fluxion.dsl.layer;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.TableRule;

/**
 * The windows of images as columns: N×C×H×W beside N×(C·KH·KW)×L, of L windows in row-major order.
 *
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad zeros on both sides of each axis
 * @param dilation steps between the elements of a window
 */
record Patches(Size kernel, Size stride, Size pad, Size dilation) {
    void require(String text, CallSite callSite) {
        Spatial.requireAtLeast(Spatial.IMAGES, text, callSite, "kernel", 1, kernel);
        Spatial.requireAtLeast(Spatial.IMAGES, text, callSite, "stride", 1, stride);
        Spatial.requireAtLeast(Spatial.IMAGES, text, callSite, "pad", 0, pad);
        Spatial.requireAtLeast(Spatial.IMAGES, text, callSite, "dilation", 1, dilation);
    }

    /** The elements of each window as a column. */
    Expr columns(Expr x) {
        Shape s = x.shape();
        int rows = windows(s, 2, kernel.h(), stride.h(), pad.h(), dilation.h());
        int columns = windows(s, 3, kernel.w(), stride.w(), pad.w(), dilation.w());
        Expr padded = x.pad(2, pad.h(), pad.h(), 0).pad(3, pad.w(), pad.w(), 0);
        Places.count((long) kernel.h() * rows, 2, s);
        Places.count((long) kernel.w() * columns, 3, s);
        Expr tall = Places.along(padded, 2, 0, TableRule.WINDOWS, rows, dilation.h(), stride.h(), kernel.h());
        return Places.along(tall, 3, 0, TableRule.WINDOWS, columns, dilation.w(), stride.w(), kernel.w())
                .reshape(s.dim(0), s.dim(1), kernel.h(), rows, kernel.w(), columns)
                .transpose(0, 1, 2, 4, 3, 5)
                .reshape(s.dim(0), s.dim(1) * kernel.h() * kernel.w(), rows * columns);
    }

    /** Images of a size, to which each element of a column is added where it comes from. */
    Expr images(Expr x, Size size) {
        Shape s = x.shape();
        long area = (long) kernel.h() * kernel.w();
        if (s.rank() != 3 || s.dim(1) % area != 0) {
            throw new ShapeException(Errors.notColumns(area, s));
        }
        Shape images = Shape.of(s.dim(0), (int) (s.dim(1) / area), size.h(), size.w());
        int rows = windows(images, 2, kernel.h(), stride.h(), pad.h(), dilation.h());
        int columns = windows(images, 3, kernel.w(), stride.w(), pad.w(), dilation.w());
        if (s.dim(2) != (long) rows * columns) {
            throw new ShapeException(Errors.otherColumns(rows, columns, s));
        }
        Expr apart = x.reshape(s.dim(0), images.dim(1), kernel.h(), kernel.w(), rows, columns)
                .transpose(0, 1, 2, 4, 3, 5)
                .reshape(s.dim(0), images.dim(1), kernel.h() * rows, kernel.w() * columns);
        Expr narrow = Places.added(
                        apart,
                        3,
                        padded(images, 3, pad.w()),
                        TableRule.WINDOWS,
                        columns,
                        dilation.w(),
                        stride.w(),
                        kernel.w())
                .slice(3, pad.w(), pad.w() + size.w());
        return Places.added(
                        narrow,
                        2,
                        padded(images, 2, pad.h()),
                        TableRule.WINDOWS,
                        rows,
                        dilation.h(),
                        stride.h(),
                        kernel.h())
                .slice(2, pad.h(), pad.h() + size.h());
    }

    private static int padded(Shape images, int axis, int pad) {
        return Places.count(images.dim(axis) + 2L * pad, axis, images);
    }

    private int windows(Shape images, int axis, int taps, int step, int pad, int dilation) {
        long room = images.dim(axis) + 2L * pad - (long) dilation * (taps - 1) - 1;
        if (room < 0) {
            throw new ShapeException(Errors.windowTooLarge(kernel, this.dilation, this.pad, images));
        }
        return Places.count(room / step + 1, axis, images);
    }
}
