package dev.fluxion.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.BatchPredictor;
import dev.fluxion.dsl.train.Model;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which requests are computed together, and when. */
class BacklogTest {
    private final Model model =
            Model.of((scope, x) -> x.mul(2), Input.floats("x", 8).varies(0, "T"));
    private final BatchPredictor predictor = model.batchPredictor(1, 1);
    private final Backlog backlog = new Backlog(8, 100, 20);

    @AfterEach
    void close() {
        predictor.close();
        model.close();
    }

    private Request request(int rows, int length, Priority priority, long now, long patience) {
        Request request =
                new Request(predictor.part(Tensors.of("x", Tensor.zeros(rows, length))), true, priority, new Waiter());
        request.arrives(now, patience);
        return request;
    }

    private Request add(int rows, int length, Priority priority, long now) {
        Request request = request(rows, length, priority, now, 1000);
        backlog.add(request);
        return request;
    }

    private List<Request> next(long now) {
        return next(backlog, now, 3);
    }

    private static List<Request> next(Backlog backlog, long now, int free) {
        List<Request> batch = new ArrayList<>();
        backlog.next(now, false, free, batch);
        return batch;
    }

    @Test
    void requestsOfOneSizeMakeABatchInTheirOrderAndNoneIsSplit() {
        Request a = add(3, 8, Priority.NORMAL, 0);
        Request b = add(4, 8, Priority.NORMAL, 1);
        Request c = add(2, 8, Priority.NORMAL, 2);
        Request d = add(1, 8, Priority.NORMAL, 3);
        assertThat(next(200)).containsExactly(a, b);
        assertThat(next(200)).containsExactly(c, d);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void aRequestThatIsLargerThanABatchIsOneByItself() {
        Request a = add(12, 8, Priority.NORMAL, 0);
        Request b = add(1, 8, Priority.NORMAL, 1);
        assertThat(next(1)).containsExactly(a);
        assertThat(next(200)).containsExactly(b);
    }

    @Test
    void requestsOfOtherLengthsAreOtherBatches() {
        Request a = add(1, 8, Priority.NORMAL, 0);
        Request b = add(1, 5, Priority.NORMAL, 1);
        Request c = add(1, 8, Priority.NORMAL, 2);
        assertThat(next(200)).containsExactly(a, c);
        assertThat(next(200)).containsExactly(b);
    }

    @Test
    void whatIsMoreUrgentComesFirst() {
        Request low = add(1, 5, Priority.LOW, 0);
        Request normal = add(1, 8, Priority.NORMAL, 1);
        Request high = add(1, 8, Priority.HIGH, 2);
        assertThat(next(200)).containsExactly(high, normal);
        assertThat(next(200)).containsExactly(low);
    }

    @Test
    void aBatchIsDueWhenItIsFullOrHasWaited() {
        assertThat(backlog.untilDue(0)).isEqualTo(Long.MAX_VALUE);
        add(5, 8, Priority.NORMAL, 10);
        add(5, 7, Priority.NORMAL, 20);
        assertThat(backlog.untilDue(30)).isEqualTo(80);
        assertThat(next(30)).isEmpty();
        add(3, 7, Priority.HIGH, 40);
        assertThat(backlog.untilDue(40)).isZero();
        assertThat(next(40)).extracting(Request::rows).containsExactly(3, 5);
        assertThat(backlog.untilDue(110)).isZero();
        assertThat(next(110)).extracting(Request::rows).containsExactly(5);
    }

    @Test
    void samplesThatMayNotBeMixedAreComputedAlone() {
        Request alone =
                new Request(predictor.part(Tensors.of("x", Tensor.zeros(1, 8))), false, Priority.NORMAL, new Waiter());
        add(1, 8, Priority.NORMAL, 0);
        backlog.add(alone);
        add(1, 8, Priority.NORMAL, 0);
        assertThat(next(100)).hasSize(1);
        assertThat(next(100)).containsExactly(alone);
        assertThat(next(100)).hasSize(1);
    }

    @Test
    void whoIsFreeSharesWhatWaitsUnlessADelayAsksForLargeBatches() {
        Backlog shared = new Backlog(8, 0, 20);
        for (int i = 0; i < 9; i++) {
            shared.add(request(1, 8, Priority.NORMAL, i, 1000));
        }
        assertThat(next(shared, 10, 2)).hasSize(5);
        assertThat(next(shared, 10, 1)).hasSize(4);
        for (int i = 0; i < 5; i++) {
            add(1, 8, Priority.NORMAL, i);
        }
        assertThat(next(backlog, 200, 2)).hasSize(5);
    }

    @Test
    void roomIsCountedInSamples() {
        add(12, 8, Priority.NORMAL, 0);
        Request withdrawn = add(7, 4, Priority.HIGH, 0);
        assertThat(backlog.hasRoomFor(request(1, 3, Priority.NORMAL, 0, 1))).isTrue();
        assertThat(backlog.hasRoomFor(request(2, 3, Priority.NORMAL, 0, 1))).isFalse();
        assertThat(backlog.remove(withdrawn)).isTrue();
        assertThat(backlog.remove(withdrawn)).isFalse();
        assertThat(backlog.rows()).isEqualTo(12);
        assertThat(backlog.hasRoomFor(request(8, 3, Priority.NORMAL, 0, 1))).isTrue();
        assertThat(next(0)).hasSize(1);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void whatHasExpiredIsTakenOutAlsoWhenTheClockOverflows() {
        long late = Long.MAX_VALUE - 5;
        Request short1 = request(2, 8, Priority.NORMAL, late, 10);
        Request long1 = request(3, 8, Priority.NORMAL, late, 1000);
        backlog.add(long1);
        backlog.add(short1);
        List<Request> over = new ArrayList<>();
        backlog.removeOver(late + 9, over);
        assertThat(over).isEmpty();
        backlog.removeOver(late + 10, over);
        assertThat(over).containsExactly(short1);
        assertThat(backlog.rows()).isEqualTo(3);
        backlog.removeAll(over);
        assertThat(over).containsExactly(short1, long1);
        assertThat(backlog.isEmpty()).isTrue();
    }
}
