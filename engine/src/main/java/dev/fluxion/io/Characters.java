package dev.fluxion.io;

import java.io.IOException;

/** The characters of a text in JSON, one after the other. */
interface Characters {
    /** How many characters have been taken. */
    long taken();

    /** The next character, or −1 at the end. */
    int peek() throws IOException;

    /** Takes the character that {@link #peek} has shown. */
    void take();

    /** The message for a problem behind some characters. */
    String problem(long at, String problem);
}
