package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.MultiLoss;
import dev.fluxion.Schedule;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.train.TrainingListener.Report;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The messages of this package, but those about files. */
final class Errors {
    private Errors() {}

    static String sameMetric(String call, String name) {
        return call + ": two metrics are called '" + name
                + "'; that of a loss has the name it is given: mean(\"…\", loss)";
    }

    static String unclosed(String what, CallSite callSite) {
        return "the " + what + " made at " + callSite
                + " was dropped without being closed: its native memory was freed late."
                + " Close it, as in try (...) { }, or keep it";
    }

    static String stateMismatch(Set<String> expected, Set<String> given, List<Slot> missing, List<Slot> unexpected) {
        return "the state does not fit this training, which keeps " + expected + ", while the state has " + given
                + (missing.isEmpty() ? "" : "; missing: " + some(missing))
                + (unexpected.isEmpty() ? "" : "; unexpected: " + some(unexpected));
    }

    private static String some(List<Slot> slots) {
        String first = slots.stream().limit(4).map(Slot::toString).collect(Collectors.joining(", "));
        return slots.size() > 4 ? first + " and " + (slots.size() - 4) + " more" : first;
    }

    static String noLayer() {
        return "a model that was opened from a file has no layers, which alone tell first values";
    }

    static String noSessionInFile(String extent) {
        return "this model was opened from a file that does not tell how sequences go on along '" + extent + "'";
    }

    static String noTrainingGraph() {
        return "this model was opened from a file that does not tell how it is trained; it only predicts";
    }

    static String noSuchMetric(String metric, Set<String> metrics) {
        return "there is no metric '" + metric + "' to tell the best by; there are " + new TreeSet<>(metrics)
                + ", and loss, the mean loss of training";
    }

    static String noTime(Duration time) {
        return "trainer: the time must be positive but is " + time;
    }

    static String bestRestored(Report best) {
        return "the model has the best weights: " + best;
    }

    static String stepWithoutLoss(float value) {
        return "trainer: the step must return the loss of its batch, a finite number, but returned " + value;
    }

    static String stepWithoutUpdate(int batches) {
        return "learningRateFinder: the trainer's step must update the model, but did not in " + batches + " batches";
    }

    static String noSuchValue(String name, Set<String> names) {
        return "LossCurve: the evaluation has no value '" + name + "'; there are " + new TreeSet<>(names);
    }

    static String blankEvaluation() {
        return "evaluate: data with a blank name would have the metrics of those without one; give them a name, as in"
                + " evaluate(\"validation\", …)";
    }

    static String nothingToEvaluate(int every) {
        return "trainer: there is nothing to evaluate every " + every + " steps; give it data with evaluate(…)";
    }

    static String averagesWanted(Object optimizer) {
        return "trainer: evaluateAverages() needs averages of all that is trained, but " + Text.of(optimizer)
                + " keeps none; give it average(decay)";
    }

    static String listenerThrew(TrainingListener listener, Object report, RuntimeException thrown) {
        return "the listener " + listener.getClass().getName() + " threw " + thrown + " at " + report;
    }

    static String stateShape(Slot slot, Shape expected, Shape actual) {
        return "the state does not fit this training: " + slot + " has the shape " + actual + ", expected " + expected;
    }

    static String usedWhileBuilding() {
        return "a layer or a loss uses the model that it is a part of, while the model asks it what it computes:"
                + " it may neither predict nor train there";
    }

    static String batchSizes(int most, int... sizes) {
        return "batchSizes: expected at least one size, each from 1 to " + most + ", but got " + Arrays.toString(sizes);
    }

    static String trainingClosed() {
        return "the training is closed";
    }

    static String modelClosed() {
        return "the model is closed";
    }

    static String sameInput(String name) {
        return "Model.of: two inputs are called '" + name + "'";
    }

    static String missingInput(String name, List<Input> inputs, Set<String> given) {
        return "input '" + name + "' is missing: the model takes " + declared(inputs) + " but got " + given;
    }

    static String unknownInput(String name, List<Input> inputs) {
        return "the model has no input '" + name + "': it takes " + declared(inputs);
    }

    static String severalInputs(List<Input> inputs) {
        return "the model takes " + declared(inputs) + "; give each by its name, as in Tensors.of(\""
                + inputs.get(0).name() + "\", …).with(\"" + inputs.get(1).name() + "\", …)";
    }

    private static String declared(List<Input> inputs) {
        return inputs.stream()
                .map(input -> "'" + input.name() + "' " + batches(input))
                .collect(Collectors.joining(", "));
    }

    private static String batches(Input input) {
        return (input.type() == DType.INT ? "integers N" : "N")
                + (input.sample().rank() == 0 ? "" : "×" + sample(input));
    }

    /** The shape of a sample, where an extent that varies has its name. */
    private static String sample(Input input) {
        return IntStream.range(0, input.sample().rank())
                .mapToObj(axis -> input.varying()
                        .getOrDefault(axis, Integer.toString(input.sample().dim(axis))))
                .collect(Collectors.joining("×"));
    }

    private static String bounds(Input input) {
        return input.varying().entrySet().stream()
                .map(e -> ", 1 ≤ " + e.getValue() + " ≤ " + input.sample().dim(e.getKey()))
                .collect(Collectors.joining());
    }

    static String noOutputOrLayer(String name, Set<String> outputs, List<Applied.Call> layers) {
        return "the model has no output, value or layer '" + name + "'; outputs are " + outputs + ", layers "
                + layers.stream().map(Applied.Call::path).distinct().toList();
    }

    static String calledOften(String path, int calls) {
        return "layer '" + path + "' is shared and called " + calls + " times; name what it makes in one place with"
                + " output(\"…\")";
    }

    static String notCarried(String name, Expr made, Input input) {
        return "carry: '" + name + "' is " + made.shape() + (made.dtype() == DType.INT ? " of integers" : "")
                + " for one sample but the input '" + input.name() + "' takes " + input.batched(1)
                + (input.type() == DType.INT ? " of integers" : "");
    }

    static String carriedTwice(String input) {
        return "carry: the input '" + input + "' is carried already";
    }

    static String stateGiven(String input) {
        return "the input '" + input + "' is a state of the session, which gives it itself";
    }

    static String otherSamples(int before, int now) {
        return "the session has the states of " + before + " samples but got " + now + "; reset() begins anew";
    }

    static String sameOutput(String name) {
        return "predict: the output '" + name + "' is asked for twice";
    }

    static String otherBound(String extent, int before, int bound) {
        return "Model.of: the extent '" + extent + "' is at most " + before + " in one input and at most " + bound
                + " in another";
    }

    static String otherExtent(String extent, Input first, int before, Input input, int actual) {
        return "the extent '" + extent + "' is " + before + " in '" + first.name() + "' but " + actual + " in '"
                + input.name() + "'";
    }

    static String weightsVary(String parameter, @Nullable Shape declared, Shape actual, Map<String, Integer> extents) {
        return "parameter '" + parameter + "' is " + (declared == null ? "not there" : declared) + " but would be "
                + actual + " for " + extents + ": weights must not depend on an extent that varies";
    }

    static String takesTheLargestAlone(Map<String, Integer> extents, String why) {
        return "extents vary up to " + extents + " but the net takes none of the smaller ones that were tried: " + why;
    }

    static String otherBatch(String first, Shape all, String name, Shape shape) {
        return "input '" + first + "' has " + all.dim(0) + " samples but '" + name + "' has " + shape.dim(0);
    }

    static String samples(Input input, Shape actual, int least) {
        Shape sample = input.sample();
        String extents = sample.rank() == 0 ? "" : "×" + sample(input);
        return taker(input) + " a batch of samples N" + extents + " with N ≥ " + least + bounds(input) + " but got "
                + actual + (actual.equals(sample) ? "; a single sample is a batch of one, 1" + extents : "");
    }

    static String noRoom(Shape result, FloatBuffer into) {
        return "part: the results " + result + " take " + result.size() + " numbers, but the buffer has room for "
                + into.remaining() + (into.isReadOnly() ? " and is read-only" : "");
    }

    static String inSamples(int first, int last, ValueException error) {
        return "of samples " + first + " to " + last + ", counted from 0: " + error.getMessage();
    }

    static String notIntoBuffer(Expr result) {
        return "part: only results of one row for each sample, of floating-point numbers, go into a buffer; the model's are "
                + result.dtype().name().toLowerCase(Locale.ROOT) + " " + result.shape()
                + ", and where a layer mixes the samples of a batch there are no such rows";
    }

    static String typeOfSamples(Input input, Shape actual) {
        return input.type() == DType.INT
                ? taker(input) + " integers but got floating-point numbers " + actual
                : taker(input) + " floating-point samples but got integers " + actual;
    }

    private static String taker(Input input) {
        return input.name().equals(Network.INPUT) ? "the model takes" : "input '" + input.name() + "' takes";
    }

    static String targets(MultiLoss loss, Shape output, Objective.Kind expected, Tensor actual) {
        boolean alike = actual.dtype() == expected.type()
                && actual.size() == expected.shape().size();
        return Text.of(loss) + " of outputs " + output + ": expected "
                + (expected.type() == DType.INT ? "integer targets " : "floating-point targets ") + expected.shape()
                + " but got " + (actual.dtype() == DType.INT ? "integers " : "") + actual.shape()
                + (alike ? "; reshape them" : "");
    }

    static String lossWithoutNames(MultiLoss loss, List<String> outputs) {
        return Text.of(loss) + ": the inputs of the loss have no names; give it those of outputs, of which there are "
                + outputs + ", and of targets with on(\"…\", \"…\")";
    }

    static String noOutput(MultiLoss loss, List<String> names, List<String> outputs) {
        return Text.of(loss) + ": none of its inputs " + names + " is an output of the network, which has " + outputs
                + "; name outputs with output(\"…\"), or the inputs of the loss with on(\"…\", \"…\")";
    }

    static String missingTarget(MultiLoss loss, String name, Set<String> given) {
        return Text.of(loss) + ": its input '" + name
                + "' is neither an output of the network nor a target of the batch," + " which has "
                + (given.contains("") ? "one without a name" : given);
    }

    static String targetsUnknown(String method, MultiLoss loss, List<String> targets) {
        return method + ": only a batch tells what the targets " + targets + " of " + Text.of(loss) + " are; call "
                + method + "(batch)";
    }

    static String objectiveNotScalar(MultiLoss loss, Shape shape, DType type) {
        return Text.of(loss) + ": a training needs one number to make small but the loss has shape " + shape
                + (type == DType.INT ? ", of integers" : "")
                + "; use reduction(MEAN) or reduction(SUM), or mean() or sum() in a lambda";
    }

    static String notTrained(String parameter, List<String> trained) {
        return "there is no trained parameter '" + parameter + "'; there are " + trained;
    }

    static String noGradient(String parameter) {
        return "'" + parameter + "' has no gradient: call forward and backward first";
    }

    static String noGradients() {
        return "there are no gradients to change the parameters by: call forward and backward first";
    }

    static String noBatch() {
        return "there is no output yet: call forward or step first";
    }

    static String nothingCounts(String message) {
        return message
                + "; every label of the batch is ignored or has weight 0: with whenAllIgnored(ZERO) a loss over classes"
                + " is 0 then, and changes nothing";
    }

    static String noForward() {
        return "there is nothing to go back through: call forward first";
    }

    static String epochs(int count) {
        return "trainer: epochs must be at least 1 but is " + count;
    }

    static String steps(long count) {
        return "trainer: steps must be at least 1 but is " + count;
    }

    static String factor(int epoch, int epochs) {
        return "the schedule's factor(" + epoch + "), for epoch " + (epoch + 1) + "/" + epochs + ",";
    }

    static String factorOfStep(int step, int epoch, int epochs) {
        return "the schedule's factor(" + step + "), in epoch " + (epoch + 1) + "/" + epochs + ",";
    }

    static String zeroLearningRate(String factor, Schedule.Unit unit) {
        return factor + " makes the learning rate 0: nothing is learned in such "
                + unit.name().toLowerCase(Locale.ROOT) + "s";
    }

    static String otherSchedule() {
        return "let the schedule end above 0, or train no longer than it lasts";
    }

    static String noAverages(Object optimizer) {
        return Text.of(optimizer) + " has no averages of the parameters: they need average(decay) and an update";
    }

    static String notOneExtent(Set<String> extents) {
        return extents.isEmpty()
                ? "no extent of the inputs varies; declare the one of positions, as in varies(0, \"T\")"
                : "the extents " + extents + " vary; tell the one of positions, as in session(\""
                        + extents.iterator().next() + "\")";
    }

    static String unknownExtent(String extent, Set<String> extents) {
        return "session: no extent '" + extent + "' of the inputs varies; "
                + (extents.isEmpty() ? "none does" : "these do: " + extents);
    }

    static String notPositions(String extent) {
        return "session: sequences go on along the first axis of samples, but the extent '" + extent
                + "' is that of another axis, too";
    }

    static String mixesPositions(String extent, Expr e) {
        return "session: " + (e.origin().isEmpty() ? "the " + e.op() : e.origin() + " " + e.place())
                + " mixes positions along the extent '" + extent + "': it makes " + e.shape()
                + ", where a position depends on others that a session does not keep";
    }

    static String tooManyPositions(String extent, int seen, int steps, int most) {
        return "the session has seen " + seen + " positions and got " + steps + " more, but the inputs declare at most "
                + most + " along the extent '" + extent + "'; reset() begins anew";
    }

    static String nothingGoesOn(String reason) {
        return "nothing goes on from one prediction of this session to the next: " + reason
                + "; carry(…) carries a state";
    }

    static String sessionClosed() {
        return "the session is closed";
    }

    static String movedTooFar(Object optimizer, String parameter, float value) {
        return optimizer + " would make " + value + " of an element of " + parameter
                + "; nothing has changed. A smaller learning rate or strongWolfe(true) may help";
    }

    static String updatedTwice(String optimizer, Op parameter) {
        return optimizer + ": a step must change each tensor once but would change " + parameter + " twice";
    }

    static String noUpdate(Object optimizer) {
        return "update: " + optimizer + " evaluates the loss itself; call step with the batch";
    }
}
