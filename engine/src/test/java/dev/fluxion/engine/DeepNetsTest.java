package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.update.GradientBlock;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What compiling takes grows with the depth of a net, not with its square. */
class DeepNetsTest {
    /** The room of gradients looks at each parameter a few times, however often its steps ask where a gradient lies. */
    @Test
    void roomForGradientsVisitsParametersOnce() {
        AtomicLong visits = new AtomicLong();
        List<String> names = IntStream.range(0, 1200).mapToObj(i -> "p" + i).toList();
        GradientBlock gathered = new GradientBlock(
                names,
                name -> {
                    visits.incrementAndGet();
                    return offset(name);
                },
                name -> offset(name) + 64);
        List<Buffer> gradients = names.stream()
                .map(name -> gathered.gradient(name, Layout.plain(16)))
                .toList();
        for (int i = 1; i < gradients.size(); i++) {
            assertThat(gradients.get(i).overlaps(gradients.get(i - 1))).isFalse();
            assertThat(gradients.get(i).overlaps(gathered.gradient("p" + i, Layout.plain(8))))
                    .isTrue();
        }
        assertThat(gradients.get(0).root().bytes()).isEqualTo(64 * 1200);
        // The sort compares two offsets about 1200 · log₂ 1200 times, less where parameters are in order.
        assertThat(visits.get()).isLessThan(1200 * 24);
    }

    private static long offset(String name) {
        return 64 * Long.parseLong(name.substring(1));
    }

    /** Visits of nodes leave traces on the heap: streams, iterators, lists. */
    @Test
    void aBlockTakesWhatItTakesInAShallowNet() {
        compile(10);
        double shallow = compile(40) / 40.0;
        double deep = compile(160) / 160.0;
        assertThat(deep).isLessThan(1.25 * shallow);
    }

    /** Bytes that are allocated while the training step of so many residual blocks is compiled. */
    private static long compile(int blocks) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Leaves leaves = new Leaves(0.1);
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        List<Expr> parameters = new ArrayList<>();
        Expr x = Expr.input("x", Shape.of(2, 16, 4, 4));
        for (int i = 0; i < blocks; i++) {
            Expr first = leaves.parameter("first" + i, 16, 16, 3, 3);
            Expr bias = leaves.parameter("bias" + i, 16);
            Expr second = leaves.parameter("second" + i, 16, 16, 3, 3);
            parameters.addAll(List.of(first, bias, second));
            Expr inner = x.conv(first, spec).add(bias.reshape(1, 16, 1, 1)).relu();
            x = inner.conv(second, spec).add(x).relu();
        }
        Expr loss = x.mean();
        Update update = new Update(parameters, Gradients.of(loss, parameters), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        try (Parameters values = Match.parameters(graph, leaves.values)) {
            long start = threads.getCurrentThreadAllocatedBytes();
            Program program = Compiler.compile(graph, values, new Options(1));
            long bytes = threads.getCurrentThreadAllocatedBytes() - start;
            program.close();
            return bytes;
        }
    }
}
