package dev.fluxion.engine.run;

import dev.fluxion.engine.emit.Shared;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.PackedForm;
import dev.fluxion.engine.store.PackedWeights;
import dev.fluxion.engine.update.GuardSpec;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a graph is compiled to: all that a program needs but memory of its own. It never changes, and any number of programs of
 * the same parameters can be bound to it.
 *
 * @param phases the prologue, which runs when parameters have changed, and the phases of a run
 * @param stages the stages of a run
 * @param inputs the inputs that anything depends on
 * @param outputs the outputs of all stages
 * @param draws whether runs draw random numbers
 * @param memory where buffers lie
 * @param groups the steps of the prologue
 * @param shared the primitives and constants
 */
public record Plan(
        List<Phase> phases,
        List<Stage> stages,
        List<Io> inputs,
        List<Io> outputs,
        boolean draws,
        MemoryPlan memory,
        List<Group> groups,
        Shared shared) {
    public Plan {
        phases = List.copyOf(phases);
        stages = List.copyOf(stages);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        groups = List.copyOf(groups);
    }

    /**
     * An input or output.
     *
     * @param name its name
     * @param value its shape and type
     * @param buffer where it lies
     * @param squares where the sum of an input's squares goes; null if nobody reads it
     */
    public record Io(
            String name,
            Expr value,
            Buffer buffer,
            @Nullable Buffer squares) {}

    /**
     * A stage of a run.
     *
     * @param name its name
     * @param from its first phase, of those behind the prologue
     * @param to the phase behind its last
     * @param trains whether it changes parameters, and not only what is kept beside them
     * @param updates which of the graph's updates are its own
     * @param guards the guards of those that change anything
     */
    public record Stage(String name, int from, int to, boolean trains, List<Integer> updates, List<GuardSpec> guards) {
        public Stage {
            updates = List.copyOf(updates);
            guards = List.copyOf(guards);
        }
    }

    /**
     * Steps of the prologue that make some forms of weights together, or something that each program has of its own.
     *
     * @param from the first step
     * @param to the step behind the last
     * @param forms what they make
     */
    record Group(int from, int to, List<PackedForm> forms) {
        PackedWeights.Group of(Step.Kernel[] prologue, Binding binding) {
            return new PackedWeights.Group(
                    Arrays.asList(prologue).subList(from, to),
                    forms.stream().map(binding::packed).toList());
        }
    }

    /** The groups of a prologue, as small as can be: none reads what another one leaves in the arena. */
    public static List<Group> groups(List<Step> prologue) {
        Map<Object, Integer> last = new HashMap<>();
        for (int i = 0; i < prologue.size(); i++) {
            for (Buffer b : prologue.get(i).reads()) {
                if (!b.isPersistent()) {
                    last.put(b.memory(), i);
                }
            }
            for (Buffer b : prologue.get(i).writes()) {
                last.put(b.memory(), i);
            }
        }
        List<Group> groups = new ArrayList<>();
        Set<PackedForm> forms = new LinkedHashSet<>();
        int from = 0;
        int open = 0;
        for (int i = 0; i < prologue.size(); i++) {
            for (Buffer b : prologue.get(i).writes()) {
                open = Math.max(open, Objects.requireNonNull(last.get(b.memory())));
                if (b.memory() instanceof PackedForm form) {
                    forms.add(form);
                }
            }
            if (open <= i) {
                groups.add(new Group(from, i + 1, List.copyOf(forms)));
                forms.clear();
                from = i + 1;
            }
        }
        return List.copyOf(groups);
    }

    /** Whether runs change parameters or what is kept beside them. */
    public boolean updates() {
        return stages.stream().anyMatch(stage -> !stage.guards().isEmpty());
    }

    /** How many steps there are. */
    public long steps() {
        return phases.stream().flatMap(Phase::steps).count();
    }

    /** How many threads can take part. */
    int lanes() {
        return phases.stream().mapToInt(p -> p.lanes().size()).max().orElse(1);
    }
}
