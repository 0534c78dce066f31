package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Results.Setting SETTING = new Results.Setting(5, 0.4, 60);
    private static final List<Peer> PEERS = List.of(Peer.values());

    @Test
    void withoutRowsEverythingIsMeasured() {
        Plan plan = Plan.of(List.of(), List.of(1, 2, 2), PEERS, SETTING);

        assertThat(plan.cells()).isEqualTo(Cell.all());
        assertThat(plan.rows()).isEqualTo(2 * Cell.all().size() + 2);
    }

    @Test
    void processesAreRowsToo() {
        Plan plan = Plan.of(List.of("memory"), List.of(1, 2), PEERS, SETTING);

        assertThat(plan.cells()).isEmpty();
        assertThat(plan.memory()).isTrue();
        assertThat(plan.startUp()).isFalse();
        assertThat(plan.rows()).isEqualTo(1);
        assertThat(Plan.of(List.of("tiny", "startup"), List.of(1), PEERS, SETTING)
                        .rows())
                .isEqualTo(3);
    }

    @Test
    void theDefaultTakesAboutAnHour() {
        assertThat(Plan.of(List.of(), List.of(1, 2), PEERS, SETTING).seconds()).isBetween(40.0 * 60, 75.0 * 60);
    }

    @Test
    void aQuickPlanTakesMinutes() {
        List<Peer> peers = List.of(Peer.FLUXION, Peer.PYTORCH_LAST, Peer.ONNXRUNTIME);
        Plan plan = Plan.of(List.of(), List.of(1, 2), peers, new Results.Setting(2, 0.1, 60))
                .quick();

        assertThat(plan.seconds()).isBetween(2.0 * 60, 5.0 * 60);
        assertThat(plan.cells())
                .contains(new Cell("stem", 16, Cell.Mode.INFER))
                .doesNotContain(new Cell("vgg224", 16, Cell.Mode.TRAIN));
        assertThat(plan.memory() || plan.startUp()).isFalse();
    }

    @Test
    void longStepsTakeTheirTime() {
        Plan plan = Plan.of(List.of(), List.of(1), List.of(Peer.FLUXION), SETTING);

        assertThat(plan.seconds(new Cell("tiny", 1, Cell.Mode.INFER), 1)).isCloseTo(0.3 + 6 * 0.4, within(0.01));
        assertThat(plan.seconds(new Cell("resnet", 64, Cell.Mode.TRAIN), 1)).isBetween(20.0, 60.0);
    }

    @Test
    void workIsThatOfConvolutionsAndProducts() {
        assertThat(Work.of(new Cell("tiny", 1, Cell.Mode.INFER))).isEqualTo(2 * (4 * 16 + 16 * 3));
        assertThat(Work.of(new Cell("cifar", 1, Cell.Mode.INFER))).isEqualTo(24_708_352);
        assertThat(Work.of(new Cell("resnet", 1, Cell.Mode.INFER))).isBetween(1.1e9, 1.12e9);
        assertThat(Work.of(new Cell("tiny", 2, Cell.Mode.TRAIN))).isEqualTo(2 * 2 * (2 * 4 * 16 + 3 * 16 * 3));
    }

    @Test
    void progressFollowsHowFastItGoes() {
        long[] now = {0};
        Progress progress = new Progress(2, 300, () -> now[0]);

        now[0] = 40_000_000_000L;
        assertThat(progress.finished("one", 20)).isEqualTo("[1/2] one  (9 min left)");
        now[0] = 400_000_000_000L;
        assertThat(progress.finished("two", 280)).isEqualTo("[2/2] two  (done in 7 min)");
        assertThat(Progress.duration(99)).isEqualTo("99 s");
    }
}
