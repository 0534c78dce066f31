package dev.fluxion.engine.catalogue;

import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An operator of the language and how to make uses of it.
 *
 * @param name what failures show
 * @param maker makes a use with random shapes and numbers
 */
public record Row(String name, Function<Draw, Case> maker) {
    /** The use that belongs to a seed. */
    public Case at(int seed) {
        return maker.apply(new Draw(new SplittableRandom(31L * name.hashCode() + seed)));
    }

    /** The uses of the first seeds. */
    public Stream<Case> cases(int count) {
        return IntStream.range(0, count).mapToObj(this::at);
    }

    @Override
    public String toString() {
        return name;
    }
}
