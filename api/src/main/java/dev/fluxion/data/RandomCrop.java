package dev.fluxion.data;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Size;
import java.util.List;

/**
 * A part of an image, from anywhere in it.
 *
 * @param size its height and width
 * @param padding how many black pixels are put around the image before
 */
public record RandomCrop(Size size, int padding) implements Augmentation {
    /** Checks the numbers. */
    public RandomCrop {
        Given.require("crop", "the size", size);
        Errors.requireAtLeast("crop", "the height", 1, size.h());
        Errors.requireAtLeast("crop", "the width", 1, size.w());
        Errors.requireAtLeast("crop", "padding", 0, padding);
    }

    /** This with so many black pixels put around the image before, at first 0. */
    public RandomCrop padding(int pixels) {
        return new RandomCrop(size, pixels);
    }

    @Override
    public Batch apply(Batch batch, List<Rng> draws) {
        Images from = Images.of("crop", batch);
        int down = from.height() + 2 * padding - size.h();
        int right = from.width() + 2 * padding - size.w();
        if (down < 0 || right < 0) {
            throw new IllegalArgumentException(Errors.cropTooLarge(this, from));
        }
        Images to = from.blank(size.h(), size.w());
        for (int i = 0; i < from.count(); i++) {
            int top = draws.get(i).below(down + 1) - padding;
            int left = draws.get(i).below(right + 1) - padding;
            Transforms.copy(from, to, i, top, left);
        }
        return to.with(batch.allTargets());
    }

    @Override
    public String toString() {
        return "crop(" + size.h() + ", " + size.w() + ")" + (padding == 0 ? "" : ".padding(" + padding + ")");
    }
}
