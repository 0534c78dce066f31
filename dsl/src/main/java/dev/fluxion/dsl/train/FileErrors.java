package dev.fluxion.dsl.train;

import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The messages about files of models, checkpoints and logs. */
final class FileErrors {
    private FileErrors() {}

    static String notKept(String name) {
        return "there is no value of what is kept as '" + name + "'";
    }

    static String notOpen(String problem) {
        return "the structure cannot be written: " + problem;
    }

    static String notModel(Path file, String why) {
        return Legible.whole(file.toString()) + ": this is no model that can be opened: " + why;
    }

    static String noModelText() {
        return "it has tensors only; a model with these weights loads them with Model.load";
    }

    static String checkpoint() {
        return "it is the checkpoint of a training: model.parameters().load(Checkpoint.load(file).weights()) takes its"
                + " weights, or averages() of them, and Training.restore goes on with it";
    }

    static String weightsOfCheckpoint(Path file) {
        return Legible.whole(file.toString()) + " does not fit the model as it is: " + checkpoint();
    }

    static String newerModel(String version, int newest) {
        return "it was written in format " + Legible.of(version) + ", and this version of Fluxion reads formats up to "
                + newest;
    }

    static String structureTooLong(int length, int most) {
        return "the structure takes " + length + " characters, and at most " + most + " are possible";
    }

    static String reservedName(String name) {
        return "export: the name '" + Legible.of(name) + "' begins with 'fluxion.', as what the format needs does";
    }

    static String misfitLeaf(Expr leaf, String expected) {
        return "its graph has " + leaf.op() + " of " + leaf.dtype() + " " + leaf.shape() + ", but " + expected;
    }

    static String otherTensors(Set<String> missing, Set<String> unknown) {
        return (missing.isEmpty() ? "" : "the weights " + Legible.list(missing) + " are missing")
                + (missing.isEmpty() || unknown.isEmpty() ? "" : "; ")
                + (unknown.isEmpty() ? "" : "nothing is known of the tensors " + Legible.list(unknown));
    }

    static String noResult(Set<String> outputs) {
        return "its first output must be '" + Scope.RESULT + "', but its outputs are " + Legible.list(outputs);
    }

    static String badClassName(String name) {
        return "ModelCard: the name of a class must not be blank and not be there twice, but there is '"
                + Legible.of(name) + "'";
    }

    static String otherClasses(int names, Shape result) {
        return "ModelCard: there are " + names + " class names, but a batch of one makes " + result
                + ", which has the classes along axis 1";
    }

    static String noVocabulary(String input, Set<String> inputs) {
        return "ModelCard: there is no vocabulary for the input '" + Legible.of(input) + "', only for "
                + Legible.list(inputs);
    }

    static String sameToken(String token) {
        return "Vocabulary: the token '" + Legible.of(token) + "' is there twice";
    }

    static String noTokens() {
        return "Vocabulary: there must be a token";
    }

    static String unknownToken(String token) {
        return "Vocabulary: there is no token '" + Legible.of(token) + "'";
    }

    static String noToken(int id, int size) {
        return "Vocabulary: ids lie in [0, " + size + "), but there is " + id;
    }

    static String takesFewSizes(String layer) {
        return layer + " takes too few sizes to tell how it depends on them";
    }

    static String otherNames(List<String> names) {
        return "what there is depends on the extents: " + Legible.list(names);
    }

    static String refusesSize(BatchShape batch) {
        return "the layer alone takes " + size(batch);
    }

    static String otherStructure(Expr e, BatchShape batch) {
        String place = (e.origin() + " " + e.place()).strip();
        return "what " + (place.isEmpty() ? "the layer" : place) + " makes of " + size(batch)
                + " is not what it makes of others: its structure depends on an extent";
    }

    private static String size(BatchShape batch) {
        return batch.rows() + " samples" + (batch.extents().isEmpty() ? "" : " with the extents " + batch.extents());
    }

    static String notCheckpoint(Path file, String why) {
        return Legible.whole(file.toString()) + ": this is not the checkpoint of a training: " + why;
    }

    static String passedOver(IOException damaged) {
        return damaged.getMessage() + "; the checkpoint before it is taken";
    }

    static String noFolder(Path file) {
        return "checkpoints: " + Legible.whole(file.toString()) + " is a file, not a folder";
    }

    static String otherCheckpoints(Path folder) {
        return "checkpoints: the folder " + Legible.whole(folder.toString())
                + " holds those of an earlier training; resume() continues it, or take another folder";
    }

    static String otherData(String before, String now) {
        return "resume: the checkpoint is from the middle of an epoch of " + before + ", but the data are " + now;
    }

    static String logExists(Path file) {
        return file
                + ": there is a file already; remove it or choose another name. Only a training that goes on from a checkpoint"
                + " goes on with its log";
    }

    static String noSuchLog(Path file, List<String> row) {
        return file + ": the training goes on, but this is no log of it: it has a row " + Legible.list(row);
    }

    static String otherColumns(Path file, List<String> columns, List<String> names) {
        return file + ": the log has the columns " + Legible.list(columns) + " but a row has " + Legible.list(names);
    }

    static String textsInPyTorchFile(Path file) {
        return "save: " + Legible.whole(file.toString())
                + " would be a PyTorch file, which holds no texts; a safetensors file does";
    }
}
