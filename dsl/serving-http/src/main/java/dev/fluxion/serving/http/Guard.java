package dev.fluxion.serving.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Lets in those who show a token, if one is asked for. */
final class Guard {
    private static final String SCHEME = "Bearer ";

    private final byte @Nullable [] token;

    Guard(@Nullable String token) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    void require(Ask ask) {
        if (token == null) {
            return;
        }
        String given = ask.header("Authorization");
        boolean shown = given != null
                && given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, given.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
        if (!shown) {
            throw Errors.unauthorized();
        }
    }
}
