package dev.fluxion.engine.emit;

import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A faster way to the same results where all numbers are known to be finite.
 *
 * @param postOps what is done to each element of the result then
 * @param facts what is read to know it
 * @param known says whether it is known
 */
public record Shortcut(UnaryOperator<PostOps> postOps, List<Buffer> facts, Guarded.Knowledge known) {
    /** The same kernel as another one but for its post-ops; empty if the library has none. */
    Optional<Primitive> of(Primitive any, Step.Library library) {
        return any.operation() instanceof Convolution op
                ? library.offered(
                                new Convolution(
                                        op.pass(),
                                        any.layout(Arg.SOURCE),
                                        any.layout(Arg.WEIGHTS),
                                        op.bias(),
                                        any.layout(Arg.DESTINATION),
                                        op.window(),
                                        postOps.apply(op.postOps())),
                                first -> any.implementation())
                        .filter(other -> other.implementation().equals(any.implementation()))
                : Optional.empty();
    }
}
