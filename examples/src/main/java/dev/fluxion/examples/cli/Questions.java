package dev.fluxion.examples.cli;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.files.Features;
import dev.fluxion.files.ImageFiles;
import dev.fluxion.files.Table;
import dev.fluxion.files.Texts;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a user asks a model: samples of the shape of its only input, with names. */
final class Questions {
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

    private final Model model;
    private final Input input;
    private final List<Question> all = new ArrayList<>();

    /**
     * A sample.
     *
     * @param name what it is called
     * @param input a batch of one
     */
    record Question(String name, Tensor input) {}

    Questions(Model model) {
        this.model = model;
        List<Input> inputs = model.signature().inputs();
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("predict is for models of one input; this one has " + inputs.size());
        }
        this.input = inputs.get(0);
    }

    List<Question> all() {
        return List.copyOf(all);
    }

    /** An image or the rows of a table. */
    void file(Path file, boolean isInverted) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            rows(file);
        } else if (Stream.of(".png", ".jpg", ".jpeg").anyMatch(name::endsWith)) {
            all.add(new Question(file.toString(), image(file, isInverted)));
        } else {
            throw new DataFileException(file, "expected an image (.png, .jpg, .jpeg) or a table (.csv)");
        }
    }

    private Tensor image(Path file, boolean isInverted) throws IOException {
        Shape sample = input.sample();
        if (sample.rank() != 3 || sample.dim(0) != 1 && sample.dim(0) != 3) {
            throw new DataFileException(file, "the model takes no images but samples " + sample);
        }
        Tensor image = ImageFiles.read(file, sample.dim(0), sample.dim(1), sample.dim(2));
        if (isInverted) {
            float[] pixels = image.floats();
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = 1 - pixels[i];
            }
        }
        return image;
    }

    private void rows(Path file) throws IOException {
        Table table = Table.read(file);
        if (table.size() == 0) {
            throw new DataFileException(file, "the table has no rows");
        }
        Tensor inputs = model.card().texts().containsKey("features")
                ? Features.of(model.card()).inputs(table)
                : numbers(file, table);
        for (int i = 0; i < table.size(); i++) {
            all.add(new Question(file + ", row " + (i + 1), inputs.rows(i, i + 1)));
        }
    }

    /** Rows of as many numbers as a sample has. */
    private Tensor numbers(Path file, Table table) throws DataFileException {
        int size = input.sample().size();
        if (table.columns().size() != size || input.type() != DType.FLOAT) {
            throw new DataFileException(
                    file,
                    "expected rows of " + size + " numbers, a sample " + input.sample() + " each, but they have "
                            + table.columns().size() + " columns");
        }
        float[] values = new float[table.size() * size];
        for (int row = 0; row < table.size(); row++) {
            for (int column = 0; column < size; column++) {
                String name = table.columns().get(column);
                values[row * size + column] = number(file, row, name, table);
            }
        }
        return Tensor.of(values, input.batched(table.size()));
    }

    private static float number(Path file, int row, String column, Table table) throws DataFileException {
        Double x = table.number(row, column);
        if (x == null) {
            throw new DataFileException(
                    file, "row " + (row + 1) + ": column '" + column + "' must be a finite number but is missing");
        }
        return x.floatValue();
    }

    /** Samples to test with, by their numbers. */
    void samples(TrainingData data, List<String> numbers) {
        for (String one : numbers) {
            Matcher found = NUMBERS.matcher(one.strip());
            if (!found.matches()) {
                throw new IllegalArgumentException("--index takes numbers and ranges as 0,3-5 but not '" + one + "'");
            }
            int from = Integer.parseInt(found.group(1));
            int to = found.group(2) == null ? from : Integer.parseInt(found.group(2));
            if (to >= data.test().size() || from > to) {
                throw new IllegalArgumentException(
                        "--index " + one + ": the samples to test with have the numbers 0 to "
                                + (data.test().size() - 1));
            }
            for (int i = from; i <= to; i++) {
                Batch batch = data.test().batch(i);
                String truth = data.classes().isEmpty()
                        ? ""
                        : ", a " + data.classes().get(batch.targets().ints()[0]);
                all.add(new Question("sample " + i + truth, batch.inputs()));
            }
        }
    }

    /** A text, as ids of its words. */
    void text(String text) {
        Vocabulary words = model.card().vocabularies().get(input.name());
        if (words == null) {
            throw new IllegalArgumentException("the model reads no words but samples " + input.sample());
        }
        List<String> read =
                Texts.words(text).stream().limit(input.sample().dim(0)).toList();
        int[] ids = words.ids(read.isEmpty() ? List.of(Texts.UNKNOWN) : read, Texts.UNKNOWN);
        all.add(new Question(
                "\"" + text + "\"",
                SequenceDataset.of(List.of(ids), Tensor.labels(0)).first(1).inputs()));
    }
}
