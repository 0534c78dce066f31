package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.util.List;
import java.util.Optional;

/**
 * The division of a step that follows a {@link SharedIndex}: parts follow it for some of the tensors that lie one behind the
 * other or, where there are too few and nothing is added up, some of its elements.
 *
 * @param whole the step, which reads a tensor and the index
 * @param index the index
 * @param gathers whether it gathers, else it adds up
 */
public record IndexParts(Step whole, SharedIndex index, boolean gathers) implements Step.Division {
    @Override
    public List<Step> into(int count, Step.Library library) {
        if (index.outer() >= count) {
            return Step.Division.ofUnits(index.outer(), count, (from, to) -> Optional.of(times(from, to)));
        }
        return gathers && index.outer() == 1
                ? Step.Division.ofUnits(index.length(), count, (from, to) -> Optional.of(elements(from, to)))
                : List.of();
    }

    private Step times(int from, int to) {
        int length = index.length() * index.step();
        int extent = index.extent() * index.step();
        return step(
                index.times(to - from),
                runs(whole.reads().get(0), gathers ? extent : length, from, to),
                whole.reads().get(1),
                runs(whole.writes().get(0), gathers ? length : extent, from, to));
    }

    private Step elements(int from, int to) {
        return step(
                index.elements(from, to),
                whole.reads().get(0),
                whole.reads().get(1).elements(from, to),
                runs(whole.writes().get(0), index.step(), from, to));
    }

    private static Buffer runs(Buffer all, long size, int from, int to) {
        return all.elements(from * size, to * size);
    }

    private Step step(SharedIndex some, Buffer from, Buffer at, Buffer to) {
        return Step.of(
                whole.operator(),
                whole.origin(),
                List.of(from, at),
                List.of(to),
                whole.implementation(),
                gathers ? some.gather(from, at, to) : some.scatterAdd(from, at, to));
    }
}
