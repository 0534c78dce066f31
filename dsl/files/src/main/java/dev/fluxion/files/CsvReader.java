package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a CSV file (RFC 4180): fields may stand in quotes, where a quote is written twice and lines may end. A quote
 * within a field that does not begin with one is a character as any other. Blank lines are passed over.
 */
final class CsvReader {
    /** The longest field; what is longer is a quote that nobody closed. */
    private static final int LONGEST = 1 << 20;

    private static final int QUOTE = '"';
    private static final int END = -1;

    private final Path file;
    private final Reader in;
    private final int delimiter;
    private int next;
    private long line = 1;
    private long recordLine = 1;

    CsvReader(Path file, Reader in, char delimiter) throws DataFileException {
        this.file = file;
        this.in = in;
        this.delimiter = delimiter;
        this.next = read();
        if (next == '\ufeff') {
            next = read();
        }
    }

    /** The line on which the last record began, counted from 1. */
    long line() {
        return recordLine;
    }

    /** The fields of the next record, or null at the end. */
    @Nullable
    List<String> record() throws DataFileException {
        while (isLineEnd(next)) {
            take();
        }
        if (next == END) {
            return null;
        }
        recordLine = line;
        List<String> fields = new ArrayList<>();
        fields.add(field());
        while (next == delimiter) {
            take();
            fields.add(field());
        }
        if (next != END) {
            take();
        }
        return fields;
    }

    private String field() throws DataFileException {
        StringBuilder field = new StringBuilder();
        if (next == QUOTE) {
            quoted(field);
        } else {
            while (next != END && next != delimiter && !isLineEnd(next)) {
                append(field, line);
            }
        }
        return field.toString();
    }

    private void quoted(StringBuilder field) throws DataFileException {
        long began = line;
        take();
        while (true) {
            if (next == END) {
                throw new DataFileException(file, Errors.openQuote(began));
            }
            if (next != QUOTE) {
                append(field, began);
                continue;
            }
            take();
            if (next != QUOTE) {
                break;
            }
            append(field, began);
        }
        if (next != END && next != delimiter && !isLineEnd(next)) {
            throw new DataFileException(file, Errors.behindQuote(line, next));
        }
    }

    private void append(StringBuilder field, long began) throws DataFileException {
        if (field.length() == LONGEST) {
            throw new DataFileException(file, Errors.longField(began, LONGEST));
        }
        field.append((char) next);
        take();
    }

    private static boolean isLineEnd(int c) {
        return c == '\n' || c == '\r';
    }

    /** Goes on by a character; CR and LF together are one end of a line. */
    private void take() throws DataFileException {
        int before = next;
        next = read();
        if (before == '\n' || before == '\r' && next != '\n') {
            line++;
        }
    }

    private int read() throws DataFileException {
        try {
            return in.read();
        } catch (CharacterCodingException e) {
            throw new DataFileException(file, Errors.notUtf8(line), e);
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }
}
