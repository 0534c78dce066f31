package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
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
        List<Row> calls = scope.trace().stream()
                .map(a -> new Row(a.path(), a.layer(), a.output(), 0, 0))
                .toList();
        return of(shapes, calls, shapes(scope.parameters()), shapes(scope.buffers()));
    }

    private static Map<String, Shape> shapes(Map<String, Scope.Parameter> declared) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        declared.forEach((name, p) -> shapes.put(name, p.expr().shape()));
        return shapes;
    }

    /**
     * The summary of layers that were called before.
     *
     * @param inputs the shapes of the inputs by name
     * @param calls the calls of layers, in order, without the numbers of elements
     * @param parameters the shapes of the parameters by name
     * @param buffers those of the buffers
     */
    public static Summary of(
            Map<String, Shape> inputs, List<Row> calls, Map<String, Shape> parameters, Map<String, Shape> buffers) {
        List<Row> all = Checks.present(SUMMARY, "call", calls, Row::path);
        long[] ofParameters = counts(Given.require(SUMMARY, "the parameters", parameters), all);
        long[] ofBuffers = counts(Given.require(SUMMARY, "the buffers", buffers), all);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Row call = all.get(i);
            rows.add(new Row(call.path, call.layer, call.output, ofParameters[i], ofBuffers[i]));
        }
        int last = all.size();
        if (ofParameters[last] + ofBuffers[last] > 0) {
            rows.add(new Row("", "(declared outside of a layer)", Shape.scalar(), ofParameters[last], ofBuffers[last]));
        }
        return new Summary(inputs, rows);
    }

    /** The number of elements that each layer has declared, and at last of those that none has. */
    private static long[] counts(Map<String, Shape> declared, List<Row> calls) {
        long[] counts = new long[calls.size() + 1];
        declared.forEach((name, shape) -> {
            int owner = owner(name, calls);
            counts[owner < 0 ? calls.size() : owner] += shape.size();
        });
        return counts;
    }

    /** The first layer with the longest path that the parameter's name begins with. */
    private static int owner(String parameter, List<Row> calls) {
        int best = -1;
        for (int i = 0; i < calls.size(); i++) {
            String path = calls.get(i).path();
            boolean within = path.isEmpty() || parameter.startsWith(path + ".");
            if (within && (best < 0 || path.length() > calls.get(best).path().length())) {
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
            widths[c] = Text.width(table.stream().map(line -> line[column]).toList());
        }
        StringBuilder out = new StringBuilder();
        for (String[] line : table) {
            String text = (widths[0] == 0 ? "" : Text.padded(line[0], widths[0]) + "  ")
                    + Text.padded(line[1], widths[1])
                    + "  "
                    + Text.padded(line[2], widths[2])
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
