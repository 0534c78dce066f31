package dev.fluxion.serving.protocol;

import dev.fluxion.Input;
import dev.fluxion.dsl.train.Signature;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What servers tell of themselves and of their models. */
public final class About {
    /** What the server, the platform and the backend are called. */
    public static final String NAME = "fluxion";

    /** The version of the jar; classes that lie in folders have none. */
    public static final String VERSION = Optional.ofNullable(
                    About.class.getPackage().getImplementationVersion())
            .orElse("development");

    private About() {}

    /** The extents of an input with that of the samples; −1 where they vary. */
    public static List<Integer> extents(Input input) {
        IntStream sample = IntStream.range(0, input.sample().rank())
                .map(axis -> input.varying().containsKey(axis)
                        ? Signature.VARIES
                        : input.sample().dim(axis));
        return IntStream.concat(IntStream.of(Signature.VARIES), sample).boxed().toList();
    }
}
