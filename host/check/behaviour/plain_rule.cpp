// C47: what every other rule of behaviour builds on. It says nothing of how well the plugin works:
// only that the process is still there.
#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"

namespace unity::check {

void check_plain_life(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    Instance instance(subject.collector, "one", subject.config);
    if (create_or_skip(instance, findings)) (void)instance.work();
  });
}

}  // namespace unity::check
