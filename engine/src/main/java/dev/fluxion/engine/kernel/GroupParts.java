package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.util.List;
import java.util.Optional;

/** The division of a group normalisation: parts normalise some of the samples, or some of the groups of a single one. */
public final class GroupParts implements Step.Division {
    /** Narrower rows with gaps between are added up in another order than those of the whole. */
    private static final int NARROW = Columns.FEW;

    private final Step whole;
    private final Grouped groups;
    private final double eps;

    /** The division of a step of {@link GroupRows}, given how its samples lie. */
    public GroupParts(Step whole, Grouped groups, double eps) {
        this.whole = whole;
        this.groups = groups;
        this.eps = eps;
    }

    @Override
    public List<Step> into(int count, Step.Library library) {
        if (groups.samples() >= count) {
            return Step.Division.ofUnits(groups.samples(), count, (from, to) -> Optional.of(samples(from, to)));
        }
        return groups.samples() > 1 ? List.of() : Step.Division.ofUnits(groups.groups(), count, this::groups);
    }

    private Step samples(int from, int to) {
        List<Buffer> reads = List.of(
                along(0, whole.reads().get(0), from, to),
                whole.reads().get(1),
                whole.reads().get(2));
        List<Buffer> writes =
                whole.writes().stream().map(b -> along(0, b, from, to)).toList();
        return part(groups.of(to - from), reads, writes, (double) (to - from) / groups.samples());
    }

    private Optional<Step> groups(int from, int to) {
        int first = from * groups.together();
        int end = to * groups.together();
        return groups.ofGroups(to - from)
                .filter(some -> some.width() == some.stride() || some.width() >= NARROW)
                .map(some -> part(
                        some,
                        List.of(
                                along(1, whole.reads().get(0), first, end),
                                along(0, whole.reads().get(1), first, end),
                                along(0, whole.reads().get(2), first, end)),
                        List.of(
                                along(1, whole.writes().get(0), first, end),
                                along(1, whole.writes().get(1), from, to),
                                along(1, whole.writes().get(2), from, to)),
                        (double) (to - from) / groups.groups()));
    }

    private static Buffer along(int axis, Buffer all, int from, int to) {
        return all.part(all.layout().part(axis, from, to).orElseThrow());
    }

    private Step part(Grouped some, List<Buffer> reads, List<Buffer> writes, double share) {
        return Step.of(
                        whole.operator(),
                        whole.origin(),
                        reads,
                        writes,
                        whole.implementation(),
                        GroupRows.forward(some, eps, reads, writes))
                .flops(whole.flops() * share);
    }
}
