package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LegibleTest {
    @Test
    void whatDoesNotPrintIsEscaped() {
        assertThat(Legible.of("größer 数 \uD83D\uDE00 a'b\\")).isEqualTo("größer 数 \uD83D\uDE00 a'b\\");
        assertThat(Legible.of("\u001b[2J\r\n\0\u007f\u0085"))
                .isEqualTo("\\u001b[2J\\u000d\\u000a\\u0000\\u007f\\u0085");
        assertThat(Legible.of("a\u202eb\u2028c\ufeff\ud800")).isEqualTo("a\\u202eb\\u2028c\\ufeff\\ud800");
    }

    @Test
    void whatIsLongIsCut() {
        assertThat(Legible.of("n".repeat(81))).isEqualTo("n".repeat(80) + "…");
        assertThat(Legible.whole("n".repeat(80) + "\n")).isEqualTo("n".repeat(80) + "\\u000a");
        assertThat(Legible.list(List.of("a", "b\n"))).isEqualTo("[a, b\\u000a]");
        assertThat(Legible.list(
                        IntStream.range(0, 1000).mapToObj(Integer::toString).toList()))
                .endsWith("18, 19, … and 980 more]");
    }
}
