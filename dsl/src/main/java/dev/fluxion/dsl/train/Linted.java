package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.watch.Subject;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A training as what looks through it sees it. */
record Linted(Training training) implements Subject {
    private static final String PROBE = "probe";

    private Applied applied(boolean inTraining, Batch batch) {
        Network network = training.model().network();
        return training.model().apply(inTraining, network.shape(network.require(batch.allInputs())));
    }

    @Override
    public String loss(Batch batch) {
        Objective objective = training.objective();
        Expr value = training.findings()
                .during(() -> objective.value(applied(true, batch).outputs(), objective.kinds(batch)));
        return value.origin().isEmpty() ? Text.of(objective.loss()) : (value.origin() + " " + value.place()).strip();
    }

    @Override
    public List<Expr> computed(boolean inTraining, Batch batch) {
        Applied applied = applied(inTraining, batch);
        List<Expr> all = new ArrayList<>(applied.outputs().values());
        all.addAll(applied.updates().values());
        return all;
    }

    @Override
    public Probe probe(Map<String, Expr> values, Batch batch) {
        Network network = training.model().network();
        Program program = training.model().compile(Graph.of(new Graph.Stage(PROBE, values, List.of())));
        return new Probe() {
            @Override
            public Tensors apply(Batch next) {
                Tensor[] inputs = network.require(next.allInputs());
                for (int i = 0; i < inputs.length; i++) {
                    String name = network.inputs().get(i).name();
                    if (program.reads(name)) {
                        program.write(name, inputs[i]);
                    }
                }
                program.run();
                Map<String, Tensor> made = new LinkedHashMap<>();
                values.keySet().forEach(name -> made.put(name, program.read(name)));
                return new Tensors(made);
            }

            @Override
            public void close() {
                program.close();
            }
        };
    }

    @Override
    public double guess() {
        return training.guess();
    }

    @Override
    public boolean isWhole() {
        return training.isWhole();
    }
}
