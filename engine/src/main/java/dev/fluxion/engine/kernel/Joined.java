package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Rows that are put together from those of several values, by copies.
 *
 * @param rows how many rows there are
 * @param row the elements of a row, of which others may make some
 * @param parts what is copied
 */
public record Joined(int rows, int row, List<Part> parts) {
    /**
     * What is copied of one value.
     *
     * @param from its rows, one behind the other
     * @param start where they begin in those of the result
     * @param length the elements of each
     */
    public record Part(Buffer from, int start, int length) {}

    /** The step, which threads share by rows. */
    public Step step(String operator, String origin, Buffer to) {
        boolean all = parts.stream().mapToInt(Part::length).sum() == row;
        return step(operator, origin, parts.stream().map(Part::from).toList(), to, rows)
                .shared((count, library) -> Step.Division.ofUnits(
                        all ? rows : 0, count, (begin, end) -> Optional.of(part(operator, origin, to, begin, end))));
    }

    private Step part(String operator, String origin, Buffer to, int begin, int end) {
        List<Buffer> reads = parts.stream()
                .map(p -> p.from.elements((long) begin * p.length, (long) end * p.length))
                .toList();
        return step(operator, origin, reads, to.elements((long) begin * row, (long) end * row), end - begin);
    }

    private Step step(String operator, String origin, List<Buffer> reads, Buffer to, int count) {
        List<Step.Binder> copies = IntStream.range(0, parts.size())
                .mapToObj(i -> copy(parts.get(i), reads.get(i), to, count))
                .toList();
        return Step.of(operator, origin, reads, List.of(to), "java:copy", InTurn.of(copies));
    }

    private Step.Binder copy(Part part, Buffer from, Buffer to, int count) {
        Shape shape = Shape.of(count, part.length);
        return new Strided.Copy(shape, shape.strides(), 0, new int[] {row, 1}, part.start).between(from, to);
    }
}
