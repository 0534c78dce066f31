package dev.fluxion.dsl.train;

import dev.fluxion.engine.Program;
import dev.fluxion.ir.ValueException;
import java.util.List;

/** The samples of some callers, one after the other, which programs compute some at a time. */
final class JoinedRows {
    private final List<Part> parts;
    /** The part of the next sample, and its place there. */
    private int part;

    private int row;
    /** The number of the samples before it. */
    private int before;

    JoinedRows(List<Part> parts) {
        this.parts = parts;
    }

    /** How large all of them are together. */
    BatchShape shape() {
        int rows = 0;
        for (int i = 0; i < parts.size(); i++) {
            rows += parts.get(i).rows();
        }
        return parts.get(0).shape().rows(rows);
    }

    /** The first sample is the next one. */
    void begin() {
        part = 0;
        row = 0;
        before = 0;
    }

    /** Computes the next samples, as many as a program has, or all that are left. */
    void compute(Program program, int size) {
        int firstPart = part;
        int firstRow = row;
        int count = forNext(program, size, false);
        parts.get(0).repeat(program, count);
        run(program, count);
        part = firstPart;
        row = firstRow;
        forNext(program, size, true);
        before += count;
    }

    /** Runs a program; the places that an error names count from its own first sample. */
    private void run(Program program, int count) {
        try {
            program.run();
        } catch (ValueException e) {
            if (count == shape().rows()) {
                throw e;
            }
            throw new ValueException(Errors.inSamples(before, before + count - 1, e), e);
        }
    }

    /** Writes the next samples or reads their outputs, and counts them. */
    private int forNext(Program program, int size, boolean read) {
        int done = 0;
        while (done < size && part < parts.size()) {
            Part current = parts.get(part);
            int count = Math.min(size - done, current.rows() - row);
            if (read && count == size && count == current.rows() && !current.isIntoBuffer()) {
                current.readAll(program);
            } else if (read) {
                current.read(program, done, row, count, part == 0 ? null : parts.get(part - 1));
            } else {
                current.write(program, done, row, count);
            }
            done += count;
            row += count;
            if (row == current.rows()) {
                part++;
                row = 0;
            }
        }
        return done;
    }
}
