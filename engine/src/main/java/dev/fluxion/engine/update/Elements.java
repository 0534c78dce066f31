package dev.fluxion.engine.update;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.List;

/** Names the elements of parameters that lie one after the other, by nothing but names and numbers: kernels hold it. */
final class Elements {
    private final Part[] parts;

    /**
     * A parameter: its first element, the one behind its last, and where the next parameter may begin. Its shape tells
     * elements apart if it lies row-major.
     */
    record Part(String name, long start, long last, long end, Shape shape, boolean plain) {}

    Elements(List<Part> parts) {
        this.parts = parts.toArray(Part[]::new);
    }

    /** The name of the parameter of an element. */
    String name(long element) {
        return part(element).name;
    }

    /** The parameter of an element, and where in it the element is, if that is known. */
    String at(long element) {
        Part part = part(element);
        long within = element - part.start;
        boolean known = part.plain && within >= 0 && within < part.shape.size();
        return "'" + part.name + "'" + (known ? " at " + Errors.position((int) within, part.shape) : "");
    }

    /** Sets to zero what lies between parameters. */
    void clear(FloatBuffer values) {
        for (Part part : parts) {
            for (long i = Math.max(0, part.last); i < Math.min(part.end, values.limit()); i++) {
                values.put((int) i, 0);
            }
        }
    }

    private Part part(long element) {
        int i = 0;
        while (i < parts.length - 1 && parts[i].end <= element) {
            i++;
        }
        return parts[i];
    }
}
