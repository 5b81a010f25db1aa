/** Chat templates of the families, as far as tools go, with the control tokens of the tiny models. */

/** Hermes 2 Pro, Qwen 2.5. */
const qwen = `{%- if tools %}{{- '<|im_start|>system\\n' }}
{%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] + '\\n\\n' }}{%- endif %}
{{- "# Tools\\n\\n<tools>" }}
{%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}
{{- "\\n</tools>\\n<tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call><|im_end|>\\n" }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == "assistant" and message.tool_calls %}
{{- '<|im_start|>assistant' }}
{%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
{%- for tool_call in message.tool_calls %}
{%- if tool_call.function is defined %}{%- set tool_call = tool_call.function %}{%- endif %}
{{- '\\n<tool_call>\\n{"name": "' + tool_call.name + '", "arguments": ' + (tool_call.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}{{- '<|im_end|>\\n' }}
{%- elif message.role == "tool" %}
{{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
{%- elif message.role != "system" or not tools %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endif %}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;

/** Llama 3.1: descriptions indented, arguments as parameters, answers of tools quoted. */
const llama = `{%- for message in messages %}
{%- if message.role == 'user' and tools and loop.first %}
{{- '<|im_start|>user\\nRespond with {"name": function name, "parameters": dictionary}.\\n\\n' }}
{%- for t in tools %}{{- t | tojson(indent=4) + "\\n\\n" }}{%- endfor %}{{- message.content + '<|im_end|>' }}
{%- elif message.tool_calls %}
{%- if not message.tool_calls|length == 1 %}{{- raise_exception("This model only supports single tool-calls at once!") }}{%- endif %}
{%- set tool_call = message.tool_calls[0].function %}
{{- '<|im_start|>assistant\\n{"name": "' + tool_call.name + '", "parameters": ' + (tool_call.arguments | tojson) + '}<|im_end|>' }}
{%- elif message.role == "tool" or message.role == "ipython" %}
{{- "<|im_start|>ipython\\n" }}
{%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}
{{- "<|im_end|>" }}
{%- else %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;

/** Mistral v0.3: ids of nine characters, or none. */
const mistral = `{%- for message in messages %}
{%- if message.role == "user" %}
{%- if tools is defined and loop.first %}{{- "[AVAILABLE_TOOLS] [" }}
{%- for tool in tools %}{{- '{"type": "function", "function": ' + (tool.function | tojson) + '}' }}{%- if not loop.last %}{{- ", " }}{%- endif %}{%- endfor %}
{{- "][/AVAILABLE_TOOLS]" }}{%- endif %}
{{- "[INST] " + message.content + "[/INST]" }}
{%- elif message.tool_calls is defined and message.tool_calls is not none %}
{{- "[TOOL_CALLS] [" }}
{%- for tool_call in message.tool_calls %}
{{- '{"name": "' + tool_call.function.name + '", "arguments": ' + (tool_call.function.arguments | tojson) }}
{%- if not tool_call.id is defined or tool_call.id|length != 9 %}{{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}{%- endif %}
{{- ', "id": "' + tool_call.id + '"}' }}
{%- endfor %}{{- "]" }}
{%- elif message.role == "tool" %}
{%- if not message.tool_call_id is defined or message.tool_call_id|length != 9 %}{{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}{%- endif %}
{{- '[TOOL_RESULTS] {"content": ' + message.content|string + ', "call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
{%- else %}{{- message.content }}{%- endif %}
{%- endfor %}`;

/** Mistral since v11. */
const mistralNamed = mistral.replace(
  "{%- else %}{{- message.content }}",
  "{%- else %}{#[ARGS]#}{{- message.content }}",
);

/** Granite 3: a mark before one list. */
const granite = `{%- if tools %}{{- "<|im_start|>available_tools\\n" + (tools | tojson(indent=4)) + "<|im_end|>\\n" }}{%- endif %}
{%- for message in messages %}
{%- if message.tool_calls %}{{- "<|im_start|>assistant\\n<|tool_call|>" + (message.tool_calls | tojson) + "<|im_end|>\\n" }}
{%- else %}{{- "<|im_start|>" + message.role + "\\n" + message.content + "<|im_end|>\\n" }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}{%- endif %}`;

export const templates = { qwen, llama, mistral, mistralNamed, granite } as const;

/** ChatML, which knows no tools. */
export const plain =
  "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
