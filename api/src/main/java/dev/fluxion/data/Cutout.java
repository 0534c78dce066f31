package dev.fluxion.data;

import java.util.Arrays;
import java.util.List;

/**
 * Images with a black square whose middle is drawn from all pixels.
 *
 * @param size its side
 */
public record Cutout(int size) implements Augmentation {
    /** Checks the side. */
    public Cutout {
        Errors.requireAtLeast("cutout", "the side", 1, size);
    }

    @Override
    public Batch apply(Batch batch, List<Rng> draws) {
        Images images = Images.of("cutout", batch).copy();
        for (int i = 0; i < images.count(); i++) {
            int top = draws.get(i).below(images.height()) - size / 2;
            int left = draws.get(i).below(images.width()) - size / 2;
            for (int c = 0; c < images.channels(); c++) {
                for (int y = Math.max(0, top); y < Math.min(images.height(), top + size); y++) {
                    int row = images.row(i, c, y);
                    int from = row + Math.max(0, left);
                    Arrays.fill(images.pixels(), from, Math.max(from, row + Math.min(images.width(), left + size)), 0);
                }
            }
        }
        return images.with(batch.allTargets());
    }

    @Override
    public String toString() {
        return "cutout(" + size + ")";
    }
}
