package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/** A plan whose kernels are bound to an arena. */
final class Executable {
    private final Plan plan;
    private final Natives natives;
    private final PackedWeights.Group[] prologue;
    private final Step.Kernel[][][] phases;
    private final Crew crew;

    /** Binds the kernels of a plan. Whoever gives the natives frees them. */
    Executable(Plan plan, Natives natives, Binding binding) {
        this.plan = plan;
        this.natives = natives;
        plan.phases().forEach(phase -> phase.lanes().forEach(lane -> lane.forEach(Executable::requireRoom)));
        this.crew = new Crew(plan.lanes());
        Step.Kernel[] first = bind(plan.phases().get(0), binding)[0];
        this.prologue =
                plan.groups().stream().map(group -> group.of(first, binding)).toArray(PackedWeights.Group[]::new);
        this.phases = plan.phases().stream()
                .skip(1)
                .map(phase -> bind(phase, binding))
                .toArray(Step.Kernel[][][]::new);
    }

    /** What is computed in Java is seen through buffers that count their bytes in an int. */
    private static void requireRoom(Step step) {
        for (List<Buffer> buffers : List.of(step.reads(), step.writes(), step.scratch())) {
            for (Buffer buffer : buffers) {
                if (step.implementation().startsWith("java") && buffer.bytes() > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException(Errors.tooLongForJava(step, buffer));
                }
            }
        }
    }

    private Step.Kernel[][] bind(Phase phase, Binding binding) {
        return phase.lanes().stream()
                .map(lane -> lane.stream()
                        .map(step -> natives.add(step.binder().bind(binding)))
                        .toArray(Step.Kernel[]::new))
                .toArray(Step.Kernel[][]::new);
    }

    /** Brings what is made of parameters up to their version. */
    void prologue(PackedWeights packed, long version) {
        packed.renew(prologue, version);
    }

    /** Runs phases, counted from 0. */
    void run(int from, int to) {
        for (int i = from; i < to; i++) {
            crew.run(phases[i]);
        }
    }

    Explanation explain() {
        return plan.explain(step -> 0);
    }

    /** Measures the steps of all phases, on the calling thread alone. */
    Profile profile(int runs) {
        return new Profile(runs);
    }

    /** The times of the steps. */
    final class Profile {
        private final Step[] steps =
                plan.phases().stream().skip(1).flatMap(Phase::steps).toArray(Step[]::new);
        private final double[][] nanos;
        private final int first = natives.kernels().size() - steps.length;

        Profile(int runs) {
            this.nanos = new double[steps.length][runs];
        }

        void run(int run) {
            for (int i = 0; i < steps.length; i++) {
                long start = System.nanoTime();
                natives.kernels().get(first + i).run();
                nanos[i][run] = System.nanoTime() - start;
            }
        }

        /** The explanation with the medians. */
        Explanation explain() {
            IdentityHashMap<Step, Double> micros = new IdentityHashMap<>();
            for (int i = 0; i < steps.length; i++) {
                Arrays.sort(nanos[i]);
                micros.put(steps[i], nanos[i][nanos[i].length / 2] / 1e3);
            }
            return plan.explain(step -> micros.getOrDefault(step, 0.0));
        }
    }

    /** Fills the arena with NaN. */
    void poison() {
        FloatBuffer floats = natives.arena().slice().floats();
        for (int i = 0; i < floats.capacity(); i++) {
            floats.put(i, Float.NaN);
        }
    }
}
