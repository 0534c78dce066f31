package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.ir.Given;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The tokens that ids stand for: id i for the i-th, counted from 0. It is immutable. */
public final class Vocabulary {
    private final List<String> tokens;
    private final Map<String, Integer> ids = new HashMap<>();

    /**
     * A vocabulary.
     *
     * @throws IllegalArgumentException if there is no token, or one is null or there twice
     */
    public Vocabulary(List<String> tokens) {
        this.tokens = List.copyOf(Checks.present("Vocabulary", "token", tokens, token -> token));
        this.tokens.forEach(token -> {
            if (ids.putIfAbsent(token, ids.size()) != null) {
                throw new IllegalArgumentException(FileErrors.sameToken(token));
            }
        });
        if (ids.isEmpty()) {
            throw new IllegalArgumentException(FileErrors.noTokens());
        }
    }

    /** The tokens in the order of their ids. */
    public List<String> tokens() {
        return tokens;
    }

    /**
     * The id of a token.
     *
     * @throws IllegalArgumentException if it is none of the vocabulary
     */
    public int id(String token) {
        Integer id = ids.get(Given.require("Vocabulary", "the token", token));
        if (id == null) {
            throw new IllegalArgumentException(FileErrors.unknownToken(token));
        }
        return id;
    }

    /** The ids of tokens, where others than those of the vocabulary have the id of {@code unknown}. */
    public int[] ids(List<String> text, String unknown) {
        int other = id(unknown);
        return Checks.present("Vocabulary", "token", text, token -> token).stream()
                .mapToInt(token -> Objects.requireNonNullElse(ids.get(token), other))
                .toArray();
    }

    /**
     * The token of an id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public String token(int id) {
        if (id < 0 || id >= tokens.size()) {
            throw new IllegalArgumentException(FileErrors.noToken(id, tokens.size()));
        }
        return tokens.get(id);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Vocabulary other && tokens.equals(other.tokens);
    }

    @Override
    public int hashCode() {
        return tokens.hashCode();
    }

    @Override
    public String toString() {
        return "vocabulary of " + tokens.size() + " tokens";
    }
}
