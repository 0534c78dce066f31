package dev.fluxion.engine.catalogue;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An operator of the language and how to make uses of it.
 *
 * @param name what failures show
 * @param maker makes a use with random shapes and numbers
 * @param rule the rule by which the library computes it; empty if there is none
 * @param anyRank the operand that may have any number of axes more; −1 if there is none
 */
public record Row(String name, Function<Draw, Case> maker, Optional<String> rule, int anyRank) {
    Row(String name, Function<Draw, Case> maker) {
        this(name, maker, Optional.empty(), -1);
    }

    /** The same with a rule, for which it is a row as well: without the rule, a kernel in Java computes it. */
    Row by(String rule) {
        return new Row(name, maker, Optional.of(rule), anyRank);
    }

    /** The same with an operand that may have any number of axes more. */
    Row withAnyRank(int operand) {
        return new Row(name, maker, rule, operand);
    }

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
