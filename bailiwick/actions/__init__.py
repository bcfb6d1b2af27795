"""The menu: one file an entry, here in the order of the screen."""

from bailiwick.actions.accept_transfer import AcceptTransfer
from bailiwick.actions.assign_operator_profile import AssignOperatorProfile
from bailiwick.actions.clone_customer import CloneCustomer
from bailiwick.actions.decline_transfer import DeclineTransfer
from bailiwick.actions.delete_customer import DeleteCustomer
from bailiwick.actions.export_all_customers import ExportAllCustomers
from bailiwick.actions.export_customer_edge_inventory import ExportCustomerEdgeInventory
from bailiwick.actions.import_customers import ImportCustomers
from bailiwick.actions.modify_customer import ModifyCustomer
from bailiwick.actions.new_customer import NewCustomer
from bailiwick.actions.release_from_partner import ReleaseFromPartner
from bailiwick.actions.restore_customer import RestoreCustomer
from bailiwick.actions.restore_under_new_name import RestoreUnderNewName
from bailiwick.actions.support_email import SupportEmail
from bailiwick.actions.transfer_to_partner import TransferToPartner
from bailiwick.actions.unassign_operator_profile import UnassignOperatorProfile
from bailiwick.actions.update_customer_alerts import UpdateCustomerAlerts
from bailiwick.actions.update_edge_image_management import UpdateEdgeImageManagement
from bailiwick.actions.update_edge_licences import UpdateEdgeLicences
from bailiwick.actions.update_pre_notifications import UpdatePreNotifications
from bailiwick.actions.withdraw_offer import WithdrawOffer
from bailiwick.engine.menu import Menu

MENU = Menu(
    (
        NewCustomer(),
        CloneCustomer(),
        ImportCustomers(),
        ModifyCustomer(),
        DeleteCustomer(),
        TransferToPartner(),
        ReleaseFromPartner(),
        SupportEmail(),
        AssignOperatorProfile(),
        UnassignOperatorProfile(),
        UpdateEdgeImageManagement(),
        UpdateEdgeLicences(),
        UpdatePreNotifications(),
        UpdateCustomerAlerts(),
        ExportAllCustomers(),
        ExportCustomerEdgeInventory(),
        AcceptTransfer(),
        DeclineTransfer(),
        WithdrawOffer(),
        RestoreCustomer(),
        RestoreUnderNewName(),
    )
)
