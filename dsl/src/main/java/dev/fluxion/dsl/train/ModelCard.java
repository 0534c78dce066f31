package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What those who use a model want to know of it: {@code ModelCard.of().classNames("cat", "dog").text("author", "me")}. A saved model
 * has one.
 *
 * @param classNames the names of the classes, in their order; empty for none
 * @param vocabularies the tokens that ids stand for, by the names of inputs
 * @param texts anything else, by names
 */
public record ModelCard(List<String> classNames, Map<String, Vocabulary> vocabularies, Map<String, String> texts) {
    private static final String CARD = "ModelCard";

    /** Copies the collections, keeping their order. */
    public ModelCard {
        classNames = List.copyOf(Checks.present(CARD, "class name", classNames, name -> name));
        Set<String> different = new HashSet<>();
        for (String name : classNames) {
            if (name.isBlank() || !different.add(name)) {
                throw new IllegalArgumentException(FileErrors.badClassName(name));
            }
        }
        vocabularies =
                Collections.unmodifiableMap(new LinkedHashMap<>(Given.require(CARD, "the vocabularies", vocabularies)));
        vocabularies.forEach((name, vocabulary) -> {
            Given.require(CARD, "the name of an input", name);
            Given.require(CARD, "the vocabulary of '" + name + "'", vocabulary);
        });
        texts = Collections.unmodifiableMap(new LinkedHashMap<>(Given.require(CARD, "the texts", texts)));
        texts.forEach((name, text) -> {
            Given.require(CARD, "the name of a text", name);
            Given.require(CARD, "the text '" + name + "'", text);
        });
    }

    /** A card that tells nothing. */
    public static ModelCard of() {
        return new ModelCard(List.of(), Map.of(), Map.of());
    }

    /**
     * This card with the names of the classes, one for each of the model's outputs.
     *
     * @throws IllegalArgumentException if a name is null, blank or there twice
     */
    public ModelCard classNames(String... names) {
        return new ModelCard(Checks.list(names), vocabularies, texts);
    }

    /** This card with the tokens that the ids of an input stand for. */
    public ModelCard vocabulary(String input, Vocabulary tokens) {
        Map<String, Vocabulary> more = new LinkedHashMap<>(vocabularies);
        more.put(input, tokens);
        return new ModelCard(classNames, more, texts);
    }

    /**
     * The tokens that the ids of an input stand for.
     *
     * @throws IllegalArgumentException if there are none for this input
     */
    public Vocabulary vocabulary(String input) {
        Vocabulary found = vocabularies.get(Given.require(CARD, "the name of the input", input));
        if (found == null) {
            throw new IllegalArgumentException(FileErrors.noVocabulary(input, vocabularies.keySet()));
        }
        return found;
    }

    /** This card with a text more, such as where a model comes from. */
    public ModelCard text(String name, String text) {
        Map<String, String> more = new LinkedHashMap<>(texts);
        more.put(name, text);
        return new ModelCard(classNames, vocabularies, more);
    }

    /** Requires that this is the card of a network. */
    void requireFit(Network network, Expr result) {
        if (!classNames.isEmpty()
                && (result.shape().rank() < 2 || result.shape().dim(1) != classNames.size())) {
            throw new IllegalArgumentException(FileErrors.otherClasses(classNames.size(), result.shape()));
        }
        vocabularies.keySet().forEach(network::input);
    }

    /** Class names and vocabularies, for a file. */
    Map<String, Object> text() {
        Map<String, Object> tokens = new LinkedHashMap<>();
        vocabularies.forEach((name, vocabulary) -> tokens.put(name, vocabulary.tokens()));
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("classNames", classNames);
        text.put("vocabularies", tokens);
        return text;
    }

    static ModelCard read(JsonPart card, Map<String, String> texts) {
        card.require(Set.of("classNames", "vocabularies"));
        Map<String, Vocabulary> vocabularies = new LinkedHashMap<>();
        card.get("vocabularies").members((name, tokens) -> vocabularies.put(name, new Vocabulary(texts(tokens))));
        return new ModelCard(texts(card.get("classNames")), vocabularies, texts);
    }

    private static List<String> texts(JsonPart list) {
        List<String> texts = new ArrayList<>();
        list.list().forEach(part -> texts.add(part.text()));
        return texts;
    }
}
