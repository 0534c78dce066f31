package dev.fluxion.serving.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Lets in those who show a token, if one is asked for. */
public final class Guard {
    private static final String SCHEME = "Bearer ";

    private final byte @Nullable [] token;

    /** Asks for a token; null asks for nothing. */
    public Guard(@Nullable String token) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether what a client says in {@code Authorization} is enough. */
    public boolean admits(@Nullable String authorization) {
        if (token == null) {
            return true;
        }
        return authorization != null
                && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
