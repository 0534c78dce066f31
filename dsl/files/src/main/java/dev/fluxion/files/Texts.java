package dev.fluxion.files;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Texts with classes, in memory: {@code Texts.read(Path.of("reviews"))} of {@code reviews/good/1.txt} and so on. {@link #vocabulary}
 * learns the words of those to train on, {@link #ids} makes data sets of their numbers. It is immutable.
 */
public final class Texts {
    /** The token that fills sequences up; its id is 0. */
    public static final String PADDING = "<pad>";
    /** The token of words that are not in a vocabulary; its id is 1. */
    public static final String UNKNOWN = "<unk>";

    private static final long MOST_BYTES = 1L << 26;
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:['’][\\p{L}\\p{M}\\p{N}]+)*");

    private final List<String> texts;
    private final int[] labels;
    private final List<String> classes;

    private Texts(List<String> texts, int[] labels, List<String> classes) {
        this.texts = texts;
        this.labels = labels;
        this.classes = classes;
    }

    /**
     * The texts of files {@code *.txt} in UTF-8, in a folder for each class, in the order of their names.
     *
     * @throws DataFileException if there is no such folder, none within, no text in one, or a file is no UTF-8 or has a character 0
     */
    public static Texts read(Path folder) throws DataFileException {
        ClassFolders found = ClassFolders.find(folder, List.of(".txt"));
        List<String> texts = new ArrayList<>();
        for (Path file : found.files()) {
            texts.add(text(file));
        }
        return new Texts(List.copyOf(texts), found.labels(), found.classes());
    }

    private static String text(Path file) throws DataFileException {
        try (InputStream in = Files.newInputStream(file);
                Reader reader = Channels.strict(in, StandardCharsets.UTF_8)) {
            if (Files.size(file) > MOST_BYTES) {
                throw new DataFileException(file, Errors.longText(MOST_BYTES));
            }
            StringWriter text = new StringWriter();
            reader.transferTo(text);
            if (text.getBuffer().indexOf("\0") >= 0) {
                throw new DataFileException(file, Errors.binary());
            }
            return text.toString();
        } catch (DataFileException e) {
            throw e;
        } catch (CharacterCodingException e) {
            throw new DataFileException(file, Errors.noUtf8(), e);
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    /**
     * The texts of a column of a table, with classes from another one.
     *
     * @throws IllegalArgumentException if there are no rows, a column is not there, or a cell is missing
     */
    public static Texts of(Table table, String text, String label) {
        List<String> texts = present(table, text);
        List<String> named = present(table, label);
        List<String> classes = named.stream().distinct().sorted(new ByNumber()).toList();
        if (texts.isEmpty()) {
            throw new IllegalArgumentException(Errors.noRows());
        }
        return new Texts(texts, named.stream().mapToInt(classes::indexOf).toArray(), classes);
    }

    private static List<String> present(Table table, String column) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < table.size(); i++) {
            String cell = table.at(i, column);
            if (cell == null) {
                throw new IllegalArgumentException(Errors.missingTarget(table.place(i), column));
            }
            cells.add(cell);
        }
        return List.copyOf(cells);
    }

    /** The number of texts. */
    public int size() {
        return texts.size();
    }

    /** A text. */
    public String text(int index) {
        return texts.get(Given.within("text", "text", index, size()));
    }

    /** The class of each text. */
    public int[] labels() {
        return labels.clone();
    }

    /** The names of the classes. */
    public List<String> classes() {
        return classes;
    }

    /** Some texts, in this order: {@code texts.select(split.train())}. */
    public Texts select(int... numbers) {
        int[] all = Given.require("select", "the numbers", numbers);
        return new Texts(
                Arrays.stream(all).mapToObj(this::text).toList(),
                Arrays.stream(all).map(i -> labels[i]).toArray(),
                classes);
    }

    /** The words of a text in small letters, without punctuation. */
    public static List<String> words(String text) {
        return WORD.matcher(Given.require("words", "the text", text).toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /**
     * The most frequent words of these texts, behind {@link #PADDING} and {@link #UNKNOWN}; of equally frequent ones the first in the
     * alphabet.
     *
     * @param most the size of the vocabulary at most, these two included
     */
    public Vocabulary vocabulary(int most) {
        Errors.requireAtLeast("vocabulary", "the size", 3, most);
        Map<String, Integer> counts = new LinkedHashMap<>();
        texts.forEach(text -> words(text).forEach(word -> counts.merge(word, 1, Integer::sum)));
        List<String> tokens = new ArrayList<>(List.of(PADDING, UNKNOWN));
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(most - 2L)
                .forEach(entry -> tokens.add(entry.getKey()));
        return new Vocabulary(tokens);
    }

    /**
     * The ids of the first words of each text, with its label. A text without words is a single unknown one.
     *
     * @param words a vocabulary that {@link #vocabulary} made
     * @param most how many words of a text are taken at most
     */
    public SequenceDataset ids(Vocabulary words, int most) {
        Given.require("ids", "the vocabulary", words);
        Errors.requireAtLeast("ids", "the number of words", 1, most);
        return SequenceDataset.of(
                        texts.stream().map(text -> ids(text, words, most)).toList(), Tensor.labels(labels))
                .padding(words.id(PADDING));
    }

    private static int[] ids(String text, Vocabulary words, int most) {
        List<String> first = words(text).stream().limit(most).toList();
        return words.ids(first.isEmpty() ? List.of(UNKNOWN) : first, UNKNOWN);
    }

    /** The number of texts and the classes. */
    @Override
    public String toString() {
        return size() + " texts of " + classes;
    }
}
