package dev.fluxion.dsl.train;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.engine.Arena;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.RunState;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import java.util.Map;

/**
 * The mean of a loss over batches, weighted by their samples. It compiles a program for each shape; they are freed
 * with the metric.
 */
final class MeanLoss implements Metric {
    private static final String OUTPUT = "output";
    private static final String TARGET = "target";
    private static final String MEAN = "mean";

    private final String name;
    private final Loss loss;
    private final ProgramCache<Shapes> programs = new ProgramCache<>();

    private record Shapes(Shape output, Shape target, DType type) {}

    MeanLoss(String name, Loss loss) {
        this.name = name;
        this.loss = loss;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized double sum(Tensor output, Tensor target) {
        Given.require(name, "the output", output);
        Given.require(name, "the target", target);
        return loss.sum(mean(output, target), target);
    }

    @Override
    public double samples(Tensor target) {
        return loss.samples(target);
    }

    /**
     * The mean loss of a batch. Programs refuse numbers that are not finite; the interpreter computes the loss of a
     * model that has diverged.
     */
    private double mean(Tensor output, Tensor target) {
        if (!isFinite(output) || !isFinite(target)) {
            Expr value = value(output.shape(), target.shape(), target.dtype());
            Interpreter interpreter =
                    new Interpreter().bind(OUTPUT, output.toValue()).bind(TARGET, target.toValue());
            return interpreter.evaluate(value).item();
        }
        Shapes shapes = new Shapes(output.shape(), target.shape(), target.dtype());
        Program program = programs.get(shapes, arena -> compile(shapes, arena));
        if (program.reads(OUTPUT)) {
            program.write(OUTPUT, output);
        }
        if (program.reads(TARGET)) {
            program.write(TARGET, target);
        }
        program.run();
        return program.scalar(MEAN);
    }

    private static boolean isFinite(Tensor values) {
        if (values.dtype() == DType.FLOAT) {
            for (float x : values.floats()) {
                if (!Float.isFinite(x)) {
                    return false;
                }
            }
        }
        return true;
    }

    private Program compile(Shapes shapes, Arena arena) {
        Expr value = value(shapes.output, shapes.target, shapes.type);
        Parameters none = Parameters.of(Map.of());
        return Compiler.compile(Graph.of(Map.of(MEAN, value)), none, RunState.of(none), Options.defaults(), arena);
    }

    private Expr value(Shape output, Shape target, DType type) {
        return LossCalls.objective(loss, Expr.input(OUTPUT, output), Expr.input(TARGET, target, type))
                .mean();
    }
}
