package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.RowBlocked;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Convolutions of few filters, and the gradients of images of few channels, in strips where that is faster.
 *
 * @param worth vectors of multiplications that strips must save where filters change in every run: they are made in it, for all
 *     tiles of a batch
 */
public record RowBlockedRule(double worth) implements Rule {
    @Override
    public String name() {
        return "strips";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        return widths(c.core(), facts).stream()
                .filter(strip -> pays(strip, c.core(), facts))
                .flatMap(strip -> offered(strip, c, facts).stream().map(primitive -> match(strip, c, primitive)))
                .findFirst();
    }

    private static List<RowBlocked> widths(Expr e, Facts facts) {
        if (e.op() instanceof Contraction.Conv op) {
            return RowBlocked.of(e.input(0).shape(), e.input(1).shape(), e.shape(), op.spec(), facts.lanes());
        }
        return e.op() instanceof Contraction.ConvGradInput op
                ? RowBlocked.ofGradient(e.input(0).shape(), e.input(1).shape(), e.shape(), op.spec(), facts.lanes())
                : List.of();
    }

    private boolean pays(RowBlocked strip, Expr e, Facts facts) {
        int images = facts.whole(e).shape().dim(0);
        return facts.isStable(e.input(1)) || strip.saved(images, facts.lanes()) >= worth;
    }

    /** The library's kernel written for the shape of the convolution, if it has those for all of the rest. */
    private static Optional<Primitive> offered(RowBlocked strip, Candidate c, Facts facts) {
        List<Operation> rest = new ArrayList<>(List.of(strip.filterPlaces()));
        c.bias().ifPresent(b -> rest.add(strip.biasPlaces()));
        return facts.offered(
                        strip.convolution()
                                .bias(c.bias().map(b -> strip.plainBias()).orElse(null))
                                .postOps(NativeFunctions.after(c.activation())),
                        Implementations::writtenForShape)
                .filter(primitive -> Implementations.isWrittenForShape(primitive.implementation()))
                .filter(primitive -> facts.areOffered(rest, UnaryOperator.identity()));
    }

    private Match match(RowBlocked strip, Candidate c, Primitive primitive) {
        Expr e = c.core();
        List<Laid> reads = new ArrayList<>();
        reads.add(new Laid(e.input(0), primitive.layout(Arg.SOURCE)));
        reads.add(new Laid(e.input(1), TensorLayout.plain(e.input(1).shape(), Layout.Type.F32)));
        c.bias().ifPresent(b -> reads.add(new Laid(b, TensorLayout.plain(b.shape(), Layout.Type.F32))));
        return new Match(
                name(),
                c,
                reads,
                List.of(new Laid(
                        c.root(), Layout.channelsLast(TensorLayout.dims(c.root().shape())))),
                () -> List.of(e.op() instanceof Contraction.Conv ? Meanings.forward(c) : Meanings.inputGradient(e)),
                to -> to.strips().lower(c, strip, primitive));
    }
}
