package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The compiler tells what its stages do, and refuses what they do wrong where it verifies them. */
class CompilerTest {
    private static final List<String> STAGES = List.of("simplify", "share", "emit");

    private final Expr x = Expr.input("x", Shape.of(2, 3));
    private final Graph before = Graph.of(Map.of("y", x.exp().mul(1).add(x.exp().mul(1))));
    private final Graph after = Graph.of(Map.of("y", x.exp().add(x.exp())));
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Trace trace(String names) {
        return new Trace(names, STAGES, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    private String traced() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTraceShowsWhatAStageChanged() {
        Trace trace = trace("simplify, emit");
        trace.graph("share", before, before);
        trace.graph("simplify", before, after);
        trace.made("emit", "3 steps");
        assertThat(traced())
                .startsWith("simplify: 10 nodes to 4\n")
                .contains("  - 2 × (exp : 2×3, ")
                .contains("  + (exp : 2×3, exp : 2×3) → add : 2×3\n")
                .contains("emit:\n  3 steps\n")
                .doesNotContain("share", "input");
    }

    @Test
    void aTraceOfAllShowsEveryStageAndOneOfNoneNothing() {
        trace("").graph("simplify", before, after);
        assertThat(traced()).isEmpty();
        trace("all").graph("share", before, before);
        assertThat(traced()).isEqualTo("share: 10 nodes to 10\n");
    }

    @Test
    void stagesThatThereAreNotAreRefused() {
        assertThatThrownBy(() -> trace("simplify,fuse"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no stage of the compiler 'fuse'; there are " + STAGES);
    }

    @Test
    void thePageListsTheStagesInTheirOrder() throws IOException {
        String page = Files.readString(Path.of("COMPILER.md"));
        assertThat(Pattern.compile("(?m)^\\| `([\\w-]+)` \\| `").matcher(page).results())
                .map(row -> row.group(1))
                .containsExactlyElementsOf(Compiler.STAGES);
    }

    @Test
    void testsVerifyEachStage() {
        Inspection inspection = new Inspection(before, Compiler.STAGES);
        inspection.graph("simplify", before, after);
        assertThatThrownBy(() -> inspection.graph("crop", before, Graph.of(Map.of("z", x))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the compiler's stage 'crop' made what is not well-formed:"
                        + " stage main: outputs are [z], not [y]");
    }

    @Test
    void whoeverRunsSetsTheThreadsOfBlas() {
        TinyNet net = new TinyNet(1);
        try (Parameters parameters = Parameters.of(TinyNet.weights(1));
                Program program = Compiler.compile(net.inference(), parameters, new Options(1))) {
            program.write("input", net.images(1));
            Threads.blas(2);
            program.run();
            assertThat(Threads.blas()).isEqualTo(1);
        }
    }
}
