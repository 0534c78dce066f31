package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DataLoaderTest {
    @Test
    void startsWithSingleSamplesInOrder() {
        DataLoader loader = DataLoader.of(numbers(3));
        assertThat(loader.batch()).isEqualTo(1);
        assertThat(loader.order()).isEqualTo(Sampler.inOrder());
        assertThat(loader.dropLast()).isFalse();
        assertThat(seen(loader, 5)).containsExactly(0, 1, 2);
    }

    @Test
    void countsBatches() {
        assertThat(DataLoader.of(numbers(10_000)).batch(64).dropLast(true).batches())
                .isEqualTo(156);
        assertThat(DataLoader.of(numbers(60_000)).batch(64).batches()).isEqualTo(938);
        assertThat(DataLoader.of(numbers(64)).batch(64).batches()).isEqualTo(1);
    }

    @Property(tries = 500)
    void everySampleComesOnceOrIsDropped(
            @ForAll @IntRange(min = 1, max = 60) int size,
            @ForAll @IntRange(min = 1, max = 20) int batch,
            @ForAll boolean drop,
            @ForAll long seed) {
        if (drop && size < batch) {
            return;
        }
        DataLoader loader =
                DataLoader.of(numbers(size)).batch(batch).shuffle(seed).dropLast(drop);
        int batches = 0;
        for (Batch b : loader.epoch(1)) {
            batches++;
            assertThat(b.size()).isEqualTo(batches * batch <= size ? batch : size % batch);
        }
        assertThat(batches).isEqualTo(loader.batches());
        List<Integer> seen = seen(loader, 1);
        assertThat(seen).doesNotHaveDuplicates().hasSize(loader.samples());
        assertThat(loader.samples()).isEqualTo(drop ? size - size % batch : size);
    }

    @Test
    void orderDependsOnSeedAndEpochOnly() {
        DataLoader a = DataLoader.of(numbers(100)).batch(7).shuffle(3);
        DataLoader b = DataLoader.of(numbers(100)).batch(20).shuffle(3);
        seen(a, 0);
        assertThat(seen(a, 4)).isEqualTo(seen(b, 4));
        Set<List<Integer>> orders = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            orders.add(seen(a, i));
            orders.add(seen(a.shuffle(100 + i), 0));
        }
        assertThat(orders).hasSize(20);
        assertThat(seen(DataLoader.of(numbers(8)).shuffle(1), 0)).containsExactly(PINNED);
    }

    @Test
    void everyPlaceIsEquallyLikely() {
        int[] first = new int[10];
        for (int epoch = 0; epoch < 10_000; epoch++) {
            first[new Rng(5, epoch).permutation(10)[0]]++;
        }
        for (int n : first) {
            assertThat(n).isBetween(880, 1120);
        }
    }

    @Test
    void anEpochCanBeWalkedTwiceAndEnds() {
        Iterable<Batch> epoch = DataLoader.of(numbers(5)).batch(2).shuffle(1).epoch(0);
        List<Batch> once = new ArrayList<>();
        epoch.forEach(once::add);
        assertThat(epoch).containsExactlyElementsOf(once);
        Iterator<Batch> walk = epoch.iterator();
        for (int i = 0; i < 3; i++) {
            walk.next();
        }
        assertThatThrownBy(walk::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void refusesWhatHasNoBatch() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(numbers(3)).batch(0))
                .withMessage("a loader's batch must hold at least 1 sample, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(numbers(3).take(0)))
                .withMessageContaining("at least one sample");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(numbers(3)).batch(4).dropLast(true))
                .withMessageContaining("the data set holds 3 samples, a batch takes 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(numbers(3)).dropLast(true).batch(4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(numbers(3)).epoch(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(numbers(3)).augment(1, Augmentations.flip(), null))
                .withMessage("augment: an augmentation must not be null");
    }

    private static final Integer[] PINNED = {3, 7, 0, 5, 2, 1, 4, 6};

    static Dataset numbers(int size) {
        int[] all = IntStream.range(0, size).toArray();
        return Dataset.of(Tensor.of(all, Shape.of(size)), Tensor.labels(all));
    }

    private static List<Integer> seen(DataLoader loader, int epoch) {
        List<Integer> seen = new ArrayList<>();
        for (Batch batch : loader.epoch(epoch)) {
            assertThat(batch.inputs()).isEqualTo(batch.targets());
            for (int i : batch.inputs().ints()) {
                seen.add(i);
            }
        }
        return seen;
    }
}
