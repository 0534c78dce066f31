package dev.fluxion.data;

import static dev.fluxion.data.Augmentations.affine;
import static dev.fluxion.data.Augmentations.crop;
import static dev.fluxion.data.Augmentations.cutmix;
import static dev.fluxion.data.Augmentations.flip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Batches that are made in the background are those of one thread, bounded in number, and their errors come out. */
class PrefetchTest {
    private static final Dataset DIGITS = SyntheticDigits.of(53, 1);

    private static List<Batch> all(DataLoader loader, int epoch) {
        List<Batch> all = new ArrayList<>();
        loader.epoch(epoch).forEach(all::add);
        return all;
    }

    @Test
    void workersChangeNoBit() {
        DataLoader loader = DataLoader.of(DIGITS)
                .batch(5)
                .shuffle(1)
                .augment(
                        3,
                        crop(28).padding(2),
                        flip(),
                        affine().degrees(10),
                        cutmix(1, 10),
                        Transforms.normalize(0.5f, 1));
        List<Batch> alone = all(loader, 2);
        assertThat(alone).hasSize(11);
        for (int ahead : new int[] {1, 2, 7, 100}) {
            assertThat(all(loader.prefetch(ahead), 2)).as("%d ahead", ahead).isEqualTo(alone);
        }
        List<Batch> rest = new ArrayList<>();
        loader.prefetch(3).epoch(2, 4).forEach(rest::add);
        assertThat(rest).isEqualTo(alone.subList(4, 11));
        DataLoader inOrder = loader.order(Sampler.inOrder());
        assertThat(all(inOrder, 3)).isNotEqualTo(all(inOrder, 2));
        assertThat(all(loader.augment(4, flip()), 2)).isNotEqualTo(all(loader.augment(5, flip()), 2));
    }

    /** What happens to a sample depends neither on the batch that it is in nor on the order. */
    @Test
    void aSampleIsAugmentedByItsNumber() {
        DataLoader loader = DataLoader.of(DIGITS).augment(3, crop(20), flip());
        Batch whole = all(loader.batch(53), 1).get(0);
        assertThat(all(loader.batch(8), 1).get(2).inputs())
                .isEqualTo(whole.inputs().rows(16, 24));
        DataLoader reverse = loader.order((samples, batch, epoch) -> {
            int[] order = new int[samples];
            for (int i = 0; i < samples; i++) {
                order[i] = samples - 1 - i;
            }
            return order;
        });
        assertThat(all(reverse, 1).get(3).inputs()).isEqualTo(whole.inputs().rows(49, 50));
    }

    /** But one that comes twice in an epoch is augmented twice. */
    @Test
    void aSampleThatComesAgainIsAugmentedAnew() {
        Batch twice = all(
                        DataLoader.of(DIGITS)
                                .batch(8)
                                .order(Sampler.weighted(1, oneOnly(), 8))
                                .augment(1, crop(20)),
                        0)
                .get(0);
        assertThat(twice.inputs().rows(0, 1)).isNotEqualTo(twice.inputs().rows(1, 2));
    }

    private static double[] oneOnly() {
        double[] weights = new double[53];
        weights[7] = 1;
        return weights;
    }

    @Test
    void noMoreThanAskedForAreMadeAhead() throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        Dataset counted = Dataset.of(100, i -> {
            made.incrementAndGet();
            return new Batch(Tensor.vector(i), Tensor.labels(i));
        });
        Iterator<Batch> walk = DataLoader.of(counted).prefetch(3).epoch(0).iterator();
        for (int taken = 1; taken < 10; taken++) {
            walk.next();
            Thread.sleep(5);
            assertThat(made.get()).isBetween(taken, taken + 3);
        }
    }

    @Test
    void whatFailsIsThrownWithItsNameWhereItWouldCome() {
        Dataset failing = Dataset.of(10, i -> {
            if (i == 6) {
                throw new IllegalStateException("torn");
            }
            return new Batch(Tensor.vector(i), Tensor.labels(i));
        });
        for (int ahead : new int[] {0, 4}) {
            Iterator<Batch> walk = DataLoader.of(failing.rows(1, 10))
                    .batch(2)
                    .prefetch(ahead)
                    .epoch(0)
                    .iterator();
            walk.next();
            walk.next();
            assertThatThrownBy(walk::next)
                    .isInstanceOf(SampleException.class)
                    .hasMessage("sample 6: torn")
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .extracting(e -> ((SampleException) e).sample())
                    .isEqualTo("6");
        }
        DataLoader bad = DataLoader.of(DIGITS).batch(5).augment(1, (batch, draws) -> DIGITS.batch(0));
        for (int ahead : new int[] {0, 4}) {
            assertThatThrownBy(() -> all(bad.prefetch(ahead), 0))
                    .hasMessage("the augmentation must keep the number of samples, but made 1 of 5");
        }
        Dataset fatal = Dataset.of(3, i -> {
            throw new StackOverflowError("deep");
        });
        assertThatThrownBy(() -> all(DataLoader.of(fatal).prefetch(2), 0)).isInstanceOf(StackOverflowError.class);
    }

    @Test
    void aThreadThatWaitsCanBeInterrupted() {
        Dataset slow = Dataset.of(3, i -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new Batch(Tensor.vector(i), Tensor.labels(i));
        });
        Iterator<Batch> walk = DataLoader.of(slow).prefetch(1).epoch(0).iterator();
        Thread.currentThread().interrupt();
        assertThatThrownBy(walk::next).hasMessage("the thread was interrupted while it waited for a batch");
        assertThat(Thread.interrupted()).isTrue();
    }

    /** A loader within the function of another one makes its batches itself, so that workers never wait for workers. */
    @Test
    void loadersMayBeNested() {
        DataLoader inner = DataLoader.of(DIGITS).batch(10).prefetch(4);
        Dataset outer =
                Dataset.of(40, i -> new Batch(Tensor.vector(all(inner, 0).size()), Tensor.labels(i)));
        assertThat(all(DataLoader.of(outer).batch(2).prefetch(20), 0)).hasSize(20);
    }
}
