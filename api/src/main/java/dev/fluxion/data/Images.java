package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;

/** The images of a batch, row-major (batch, channels, height, width). */
@SuppressWarnings("ArrayRecordComponent")
record Images(float[] pixels, int count, int channels, int height, int width) {
    /** The input of a batch, which an augmentation or transform takes for images. */
    static Images of(String call, Batch batch) {
        Tensor inputs = batch.inputs();
        Shape shape = inputs.shape();
        if (shape.rank() != 4 || inputs.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.notImages(call, inputs));
        }
        return new Images(inputs.floats(), shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3));
    }

    /** As many images of as many channels, black. */
    Images blank(int newHeight, int newWidth) {
        return new Images(new float[count * channels * newHeight * newWidth], count, channels, newHeight, newWidth);
    }

    /** A copy to be changed. */
    Images copy() {
        return new Images(pixels.clone(), count, channels, height, width);
    }

    /** Where a row begins. */
    int row(int image, int channel, int y) {
        return ((image * channels + channel) * height + y) * width;
    }

    /** The elements of an image. */
    int size() {
        return channels * height * width;
    }

    /** A batch of these and of the targets of another one. */
    Batch with(Tensors targets) {
        return new Batch(Tensors.of(Tensor.of(pixels, count, channels, height, width)), targets);
    }
}
