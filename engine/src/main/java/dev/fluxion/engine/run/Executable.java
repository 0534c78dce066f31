package dev.fluxion.engine.run;

import dev.fluxion.engine.kernel.Room;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.PackedWeights;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.ffi.Threads;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A plan whose kernels are bound to an arena. */
public final class Executable {
    private final Plan plan;
    private final Natives natives;
    private final PackedWeights.Group[] prologue;
    private final Step.Kernel[][][] phases;
    private final List<Loop> loops = new ArrayList<>();
    private final WorkerTeam team;
    private long version = -1;

    /** Binds the kernels of a plan. Whoever gives the natives frees them. */
    public Executable(Plan plan, Natives natives, Binding binding) {
        this.plan = plan;
        this.natives = natives;
        for (Phase phase : plan.phases()) {
            for (List<Step> lane : phase.lanes()) {
                lane.forEach(Executable::requireRoom);
            }
        }
        this.team = new WorkerTeam(plan.lanes());
        Step.Kernel[] first = kernels(plan.phases().get(0).steps().toList(), binding);
        this.prologue = new PackedWeights.Group[plan.groups().size()];
        for (int i = 0; i < prologue.length; i++) {
            prologue[i] = plan.groups().get(i).of(first, binding);
        }
        this.phases = new Step.Kernel[plan.phases().size() - 1][][];
        for (int i = 0; i < phases.length; i++) {
            phases[i] = bind(plan.phases().get(i + 1), binding);
        }
    }

    private static void requireRoom(Step step) {
        if (step.implementation().startsWith("java")) {
            Room.require(step, step.implementation());
        }
    }

    private Step.Kernel[][] bind(Phase phase, Binding binding) {
        Step.Kernel[][] lanes = new Step.Kernel[phase.lanes().size()][];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = bind(phase.lanes().get(i), binding).toArray(new Step.Kernel[0]);
        }
        return lanes;
    }

    private static Step.Kernel[] kernels(List<Step> steps, Binding binding) {
        Step.Kernel[] kernels = new Step.Kernel[steps.size()];
        for (int i = 0; i < kernels.length; i++) {
            kernels[i] = bind(steps.get(i), binding);
        }
        return kernels;
    }

    /** The kernels of a lane, those of a loop as one. */
    private List<Step.Kernel> bind(List<Step> lane, Binding binding) {
        List<Step.Kernel> kernels = new ArrayList<>();
        for (Phase.Block block : Phase.blocks(lane)) {
            List<Step> steps = lane.subList(block.from(), block.to());
            Loop loop = new Loop(kernels(steps, binding), block.times());
            loops.add(loop);
            kernels.addAll(block.times() > 1 ? List.of(loop) : List.of(loop.kernels));
        }
        return kernels;
    }

    private static Step.Kernel bind(Step step, Binding binding) {
        Step.Places places =
                step.key().isLoop() ? new TilePlaces(binding, step.key().times()) : binding;
        return places.kernel(step.binder());
    }

    /** Kernels that run together for one tile after the other. */
    private static final class Loop implements Step.Kernel {
        private final Step.Kernel[] kernels;
        private final int times;

        Loop(Step.Kernel[] kernels, int times) {
            this.kernels = kernels;
            this.times = times;
        }

        @Override
        public void run() {
            for (int tile = 0; tile < times; tile++) {
                for (Step.Kernel kernel : kernels) {
                    kernel.at(tile);
                    kernel.run();
                }
            }
        }
    }

    /** Brings what is made of parameters up to their version, if it is not of the version that it was of last. */
    void renew(ParameterStore parameters) {
        Threads.current(1);
        Threads.blas(1);
        long now = parameters.versions().version();
        if (now != version) {
            parameters.packed().renew(prologue, now);
            version = now;
        }
    }

    /** Runs phases, counted from 0. */
    void run(int from, int to) {
        for (int i = from; i < to; i++) {
            team.run(phases[i]);
        }
    }

    /** Measures the steps of all phases, on the calling thread alone. */
    public Profile profile(int runs) {
        return new Profile(runs);
    }

    /** The times of the steps. */
    public final class Profile {
        private final Step[] steps =
                plan.phases().stream().skip(1).flatMap(Phase::steps).toArray(Step[]::new);
        private final double[][] nanos;

        Profile(int runs) {
            this.nanos = new double[steps.length][runs];
        }

        void renew(ParameterStore parameters) {
            Executable.this.renew(parameters);
        }

        void run(int run) {
            int first = 0;
            for (Loop loop : loops) {
                for (int tile = 0; tile < loop.times; tile++) {
                    for (int i = 0; i < loop.kernels.length; i++) {
                        loop.kernels[i].at(tile);
                        long start = System.nanoTime();
                        loop.kernels[i].run();
                        nanos[first + i][run] += System.nanoTime() - start;
                    }
                }
                first += loop.kernels.length;
            }
        }

        /** The medians in microseconds. */
        public ToDoubleFunction<Step> micros() {
            IdentityHashMap<Step, Double> micros = new IdentityHashMap<>();
            for (int i = 0; i < steps.length; i++) {
                Arrays.sort(nanos[i]);
                micros.put(steps[i], nanos[i][nanos[i].length / 2] / 1e3);
            }
            return step -> micros.getOrDefault(step, 0.0);
        }
    }

    /** What was made of parameters is made anew: others have used the arena. */
    public void outdate() {
        version = -1;
    }

    /** Fills the arena with NaN. */
    public void poison() {
        outdate();
        FloatBuffer floats = natives.arena().slice().floats();
        for (int i = 0; i < floats.capacity(); i++) {
            floats.put(i, Float.NaN);
        }
    }
}
