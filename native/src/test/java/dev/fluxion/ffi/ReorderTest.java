package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Images are copied between layouts, whole and where other channels lie between, by each kernel that is offered. There may be none
 * where both have gaps.
 */
class ReorderTest {
    private static final int HEIGHT = 5;
    private static final int WIDTH = 6;

    /** How channels lie among those before and behind them. */
    private record Place(int channels, int before, int behind) {}

    @ParameterizedTest
    @CsvSource({"1, 32", "2, 32", "3, 16", "1, 3", "2, 3", "2, 19"})
    void everyPairOfLayouts(int images, int channels) {
        double[] x = Tensors.random(new Random(1), images, channels, HEIGHT, WIDTH);
        List<Layout> layouts = new ArrayList<>();
        for (Place place :
                List.of(new Place(channels, 0, 0), new Place(channels, 16, 32), new Place(channels, 32, 16))) {
            layouts.addAll(layouts(images, place));
        }
        for (Layout from : layouts) {
            for (Layout to : layouts) {
                int kernels = Tensors.check(Reorder.of(from, to), Map.of(Arg.SOURCE, x), Map.of(Arg.DESTINATION, x), 0);
                if (from.isDense() || to.isDense() || !from.isBlocked() && !to.isBlocked()) {
                    assertThat(kernels).as("%s to %s", from, to).isPositive();
                }
            }
        }
    }

    /** Those that have the channels by themselves: blocks are not cut. */
    private static List<Layout> layouts(int images, Place place) {
        long[] all = {images, place.before + place.channels + place.behind, HEIGHT, WIDTH};
        List<Layout> layouts = new ArrayList<>();
        for (Layout whole : List.of(
                Layout.plain(all),
                Layout.channelsLast(all),
                Layout.channelBlocks(8, all),
                Layout.channelBlocks(16, all))) {
            whole.part(1, place.before, place.before + place.channels)
                    .map(Layout.Part::layout)
                    .ifPresent(layouts::add);
        }
        return layouts;
    }
}
