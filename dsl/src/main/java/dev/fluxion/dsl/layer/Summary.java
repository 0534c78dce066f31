package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The layers of a model for a batch, with their output shapes and numbers of parameters.
 *
 * @param inputs the shapes of the model's inputs by name
 * @param rows the layers in the order of their calls
 */
public record Summary(Map<String, Shape> inputs, List<Row> rows) {
    private static final String SUMMARY = "Summary";
    private static final int BYTES_OF_FLOAT = 4;

    /** Copies the collections. */
    public Summary {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(Given.require(SUMMARY, "the inputs", inputs)));
        rows = Checks.present(SUMMARY, "row", rows, Row::path);
    }

    /**
     * A layer.
     *
     * @param path the names of its scopes joined by dots, as in its parameters' names
     * @param layer the layer as the user wrote it
     * @param output its output shape
     * @param parameters the number of its trainable elements
     * @param buffers the number of elements of its buffers, which are not trained
     */
    public record Row(String path, String layer, Shape output, long parameters, long buffers) {
        /** Checks that nothing is null. */
        public Row {
            Given.require("Row", "the path", path);
            Given.require("Row", "the layer", layer);
            Given.require("Row", "the output", output);
        }
    }

    /**
     * The summary of a model.
     *
     * @param layer the model
     * @param input the shape of its input, batch along the first axis
     * @throws dev.fluxion.ir.ShapeException if the input or a layer does not fit
     */
    public static Summary of(Layer layer, Shape input) {
        Given.require(SUMMARY, "the input", input);
        return of(layer, Map.of("input", Expr.input("input", input)));
    }

    /**
     * The summary of a model with inputs by name.
     *
     * @param inputs the inputs in order; the layer gets the first one
     * @throws dev.fluxion.ir.ShapeException if a layer does not fit
     */
    public static Summary of(Layer layer, Map<String, Expr> inputs) {
        Given.require(SUMMARY, "the layer", layer);
        Scope scope = Scope.root(false, Given.require(SUMMARY, "the inputs", inputs));
        layer.apply(scope, inputs.values().iterator().next());
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((name, e) -> shapes.put(name, e.shape()));
        return new Summary(shapes, rows(scope));
    }

    private static List<Row> rows(Scope scope) {
        List<Scope.Applied> trace = scope.trace();
        long[] parameters = counts(scope.parameters(), trace);
        long[] buffers = counts(scope.buffers(), trace);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < trace.size(); i++) {
            Scope.Applied a = trace.get(i);
            rows.add(new Row(a.path(), a.layer(), a.output(), parameters[i], buffers[i]));
        }
        int last = trace.size();
        if (parameters[last] + buffers[last] > 0) {
            rows.add(new Row("", "(declared outside of a layer)", Shape.scalar(), parameters[last], buffers[last]));
        }
        return rows;
    }

    /** The number of elements that each layer has declared, and at last of those that none has. */
    private static long[] counts(Map<String, Scope.Parameter> declared, List<Scope.Applied> trace) {
        long[] counts = new long[trace.size() + 1];
        declared.forEach((name, p) -> {
            int owner = owner(name, trace);
            counts[owner < 0 ? trace.size() : owner] += p.expr().shape().size();
        });
        return counts;
    }

    /** The first layer with the longest path that the parameter's name begins with. */
    private static int owner(String parameter, List<Scope.Applied> trace) {
        int best = -1;
        for (int i = 0; i < trace.size(); i++) {
            String path = trace.get(i).path();
            boolean within = path.isEmpty() || parameter.startsWith(path + ".");
            if (within && (best < 0 || path.length() > trace.get(best).path().length())) {
                best = i;
            }
        }
        return best;
    }

    /** The number of trainable elements. */
    public long parameters() {
        return rows.stream().mapToLong(Row::parameters).sum();
    }

    /** The number of elements of the buffers. */
    public long buffers() {
        return rows.stream().mapToLong(Row::buffers).sum();
    }

    /** The bytes of the parameters in float32. */
    public long bytes() {
        return parameters() * BYTES_OF_FLOAT;
    }

    /** A table, a line per layer, and the totals. */
    @Override
    public String toString() {
        List<String[]> table = new ArrayList<>();
        table.add(new String[] {"", "layer", "output", "parameters"});
        inputs.forEach((name, shape) -> table.add(new String[] {"", name, shape.toString(), ""}));
        for (Row r : rows) {
            table.add(new String[] {r.path(), r.layer(), r.output().toString(), grouped(r.parameters())});
        }
        int[] widths = new int[4];
        for (int c = 0; c < widths.length; c++) {
            int column = c;
            widths[c] = Errors.width(table.stream().map(line -> line[column]).toList());
        }
        StringBuilder out = new StringBuilder();
        for (String[] line : table) {
            String text = (widths[0] == 0 ? "" : Errors.padded(line[0], widths[0]) + "  ")
                    + Errors.padded(line[1], widths[1])
                    + "  "
                    + Errors.padded(line[2], widths[2])
                    + "  "
                    + " ".repeat(widths[3] - line[3].length())
                    + line[3];
            out.append(text.stripTrailing()).append('\n');
        }
        return out.append(grouped(parameters()))
                .append(" parameters, ")
                .append(grouped(bytes()))
                .append(" bytes in float32")
                .append(buffers() == 0 ? "" : "; " + grouped(buffers()) + " numbers in buffers")
                .toString();
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
