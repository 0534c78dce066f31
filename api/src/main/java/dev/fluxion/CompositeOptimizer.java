package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An optimizer with groups of parameters, and with changes of the gradients before its rules see them.
 *
 * @param rule the optimizer of parameters in no group
 * @param groups the groups
 * @param undecayed patterns of parameters without weight decay
 * @param noise the deviation of the gradients' noise, or 0
 * @param clipValue the largest element of a gradient, or infinity
 * @param clipNorm the largest norm of all gradients, or infinity
 * @param average the decay of the moving average, or NaN for none
 * @param batches the number of batches of a step
 */
record CompositeOptimizer(
        Optimizer rule,
        List<Group> groups,
        List<ParameterPattern> undecayed,
        double noise,
        double clipValue,
        double clipNorm,
        double average,
        int batches)
        implements Optimizer {

    /** Parameters with a rate of their own, and maybe an optimizer, in the place of the other one. */
    private record Group(
            ParameterPattern pattern, double rate, @Nullable Optimizer own) {
        @Override
        public String toString() {
            return ".group(\"" + pattern + "\", " + (own == null ? Double.toString(rate) : own.toString()) + ")";
        }
    }

    static CompositeOptimizer of(Optimizer rule) {
        double none = Double.POSITIVE_INFINITY;
        return new CompositeOptimizer(rule, List.of(), List.of(), 0, none, none, Double.NaN, 1);
    }

    @Override
    public double learningRate() {
        return rule.learningRate();
    }

    /** The rule of parameters in no group. */
    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        return rule.next(value, gradient, state);
    }

    @Override
    public Optimizer withoutDecay() {
        return with(
                rule.withoutDecay(),
                groups.stream()
                        .map(g -> new Group(g.pattern, g.rate, g.own == null ? null : g.own.withoutDecay()))
                        .toList());
    }

    @Override
    public Optimizer maximise() {
        return with(
                rule.maximise(),
                groups.stream()
                        .map(g -> new Group(g.pattern, g.rate, g.own == null ? null : g.own.maximise()))
                        .toList());
    }

    @Override
    public Optimizer group(String pattern, double rate) {
        Errors.require(rate >= 0 && Double.isFinite(rate), "group", "the learning rate", "finite and at least 0", rate);
        return group(new Group(ParameterPattern.of("group", pattern), rate, null));
    }

    @Override
    public Optimizer group(String pattern, Optimizer own) {
        Optimizer given = Given.require("group", "the optimizer", own);
        if (given instanceof CompositeOptimizer) {
            throw new IllegalArgumentException(Errors.groupInGroup(given));
        }
        return group(new Group(ParameterPattern.of("group", pattern), given.learningRate(), given));
    }

    private Optimizer group(Group group) {
        double base = learningRate();
        Errors.require(base > 0, "group", "the learning rate that a schedule scales", "above 0", base);
        return with(rule, Stream.concat(groups.stream(), Stream.of(group)).toList());
    }

    private Optimizer with(Optimizer newRule, List<Group> newGroups) {
        return new CompositeOptimizer(newRule, newGroups, undecayed, noise, clipValue, clipNorm, average, batches);
    }

    @Override
    public Optimizer noDecay(String... patterns) {
        Stream<ParameterPattern> more = Arrays.stream(Given.require("noDecay", "the patterns", patterns))
                .map(pattern -> ParameterPattern.of("noDecay", pattern));
        List<ParameterPattern> all = Stream.concat(undecayed.stream(), more).toList();
        return new CompositeOptimizer(rule, groups, all, noise, clipValue, clipNorm, average, batches);
    }

    @Override
    public Optimizer gradientNoise(double deviation) {
        boolean fits = deviation >= 0 && Double.isFinite(deviation);
        Errors.require(fits, "gradientNoise", "the deviation", "finite and at least 0", deviation);
        return new CompositeOptimizer(rule, groups, undecayed, deviation, clipValue, clipNorm, average, batches);
    }

    @Override
    public Optimizer clipValue(double most) {
        Errors.require(most > 0, "clipValue", "the largest value", "above 0", most);
        return new CompositeOptimizer(rule, groups, undecayed, noise, most, clipNorm, average, batches);
    }

    @Override
    public Optimizer clipNorm(double most) {
        Errors.require(most > 0, "clipNorm", "the largest norm", "above 0", most);
        return new CompositeOptimizer(rule, groups, undecayed, noise, clipValue, most, average, batches);
    }

    @Override
    public Optimizer average(double decay) {
        Errors.require(decay >= 0 && decay < 1, "average", "the decay", "in [0, 1)", decay);
        return new CompositeOptimizer(rule, groups, undecayed, noise, clipValue, clipNorm, decay, batches);
    }

    @Override
    public Optimizer accumulate(int count) {
        Errors.require(count >= 1, "accumulate", "the number of batches", "at least 1", count);
        return new CompositeOptimizer(rule, groups, undecayed, noise, clipValue, clipNorm, average, count);
    }

    @Override
    public void requireParameters(List<String> names) {
        groups.forEach(group -> group.pattern.requireMatch("group", names));
        undecayed.forEach(pattern -> pattern.requireMatch("noDecay", names));
        for (String name : names) {
            List<Group> in =
                    groups.stream().filter(g -> g.pattern.matches(name)).toList();
            if (in.size() > 1) {
                throw new IllegalArgumentException(Errors.inTwoGroups(name, in.get(0).pattern, in.get(1).pattern));
            }
        }
    }

    @Override
    public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        List<Expr> changed = GradientChanges.apply(parameters, gradients, noise, clipValue, clipNorm);
        Map<Member, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            String name = ((Leaf.Variable) parameters.get(i).op()).parameter();
            members.computeIfAbsent(member(name), m -> new ArrayList<>()).add(i);
        }
        List<Update> updates = new ArrayList<>();
        members.forEach((member, of) -> updates.addAll(member.updates(
                of.stream().map(parameters::get).toList(),
                of.stream().map(changed::get).toList())));
        return updates;
    }

    private Member member(String name) {
        Group group =
                groups.stream().filter(g -> g.pattern.matches(name)).findFirst().orElse(null);
        Optimizer own = group == null || group.own == null ? rule : group.own;
        boolean decays = undecayed.stream().noneMatch(pattern -> pattern.matches(name));
        double rate = group == null ? 1 : group.rate / learningRate();
        return new Member(decays ? own : own.withoutDecay(), rate, average);
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        String patterns = undecayed.stream().map(p -> "\"" + p + "\"").collect(Collectors.joining(", "));
        return rule
                + groups.stream().map(Group::toString).collect(Collectors.joining())
                + (undecayed.isEmpty() ? "" : ".noDecay(" + patterns + ")")
                + (noise == 0 ? "" : ".gradientNoise(" + noise + ")")
                + (Double.isInfinite(clipValue) ? "" : ".clipValue(" + clipValue + ")")
                + (Double.isInfinite(clipNorm) ? "" : ".clipNorm(" + clipNorm + ")")
                + (Double.isNaN(average) ? "" : ".average(" + average + ")")
                + (batches == 1 ? "" : ".accumulate(" + batches + ")");
    }
}
